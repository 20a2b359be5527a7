/** Runs what it is given when all that was given before is done. */
export type Turns = <result>(work: () => Promise<result>) => Promise<result>

/**
 * For several that do the same steps side by side: each asks for its next turn when it has had the last one, so that the
 * first step of all comes before the second of any. One that fails asks no more, and keeps nobody waiting.
 */
export function byTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return async function turn(work) {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

/** For one that is alone. */
export const atOnce: Turns = (work) => work()
