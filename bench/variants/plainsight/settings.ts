import { z } from 'zod'

export const settings = z.object({
  /** Where `GET /busy` sends its request. */
  UPSTREAM_URL: z.url(),
})
