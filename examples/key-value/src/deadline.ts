export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** What `work` gives, or a DeadlineError. Late work is left alone, and its failure is nobody's. */
export async function within<result>(millis: number, work: Promise<result>): Promise<result> {
  const { promise: alarm, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    // If the event loop was blocked, the answer may lie in the socket already: it is read before this.
    setImmediate(() => reject(new DeadlineError(`no answer within ${Math.round(millis) / 1000} s`)))
  }, millis)
  work.catch(() => {})
  try {
    return await Promise.race([work, alarm])
  } finally {
    clearTimeout(timer)
  }
}
