import { z } from 'zod'

import { isTimeZone } from './time-zone.ts'

/** What this service reads from the environment beside the kernel's settings. Import no vendor here. */
export const settings = z.object({
  /** An IANA name such as `Asia/Shanghai`: the zone of the greeting's clock. */
  TZ: z
    .string()
    .refine(isTimeZone, {
      error: ({ input }) => `expected a time zone such as Europe/Berlin, got "${String(input)}"`,
    })
    .optional(),
  /** `true` adds `/demo/slow`, `/demo/unavailable` and `/demo/bug`, so that there is something to look at. */
  DEMO_ROUTES: z
    .enum(['true', 'false'], {
      error: ({ input }) => `expected true or false, got "${String(input)}"`,
    })
    .default('false')
    .transform((text) => text === 'true'),
})
