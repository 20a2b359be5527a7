import { seconds } from 'plainsight/kernel/environment-values'
import { z } from 'zod'

/** What this service reads from the environment beside the kernel's settings. Import no vendor here. */
export const settings = z
  .object({
    /** `--config` says the same, and wins. */
    CONFIG_FILE: z.string({
      error: () => 'no configuration file is given; say --config FILE, or set this variable',
    }),
    /** How often the file is looked at. A change takes effect at the second look that sees it. */
    CONFIG_POLL_SECONDS: seconds('above 0').default(1),
    /** What `/connect_db` logs in with. */
    DB_PASS: z.string().optional(),
    /** The same in a file, which may change while the service runs. */
    DB_PASS_FILE: z.string().optional(),
  })
  .refine(({ DB_PASS, DB_PASS_FILE }) => DB_PASS === undefined || DB_PASS_FILE === undefined, {
    path: ['DB_PASS_FILE'],
    error: 'expected to be the only one: DB_PASS is set, too',
  })
