import { z } from 'zod'

/** What this service reads from the environment beside the kernel's settings. Import no vendor here. */
export const settings = z.object({
  /** An IANA name such as `Asia/Shanghai`: the zone of the greeting's clock. */
  TZ: z
    .string()
    .refine(isTimeZone, {
      error: ({ input }) => `expected a time zone such as Europe/Berlin, got "${String(input)}"`,
    })
    .optional(),
})

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
