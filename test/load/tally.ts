export interface Outcome {
  kind: string
  /** Undefined: no answer, because nobody was there or the caller left. */
  status: number | undefined
  seconds: number
  /** Empty without an answer. */
  traceId: string
}

/** What has come of the requests so far, in memory that does not grow with them. */
export class Tally {
  sent = 0
  unanswered = 0
  failed = 0
  slowest: Outcome | undefined
  lastFailed: Outcome | undefined
  readonly #statuses = new Map<string, Map<string, number>>()

  add(outcome: Outcome): void {
    const { kind, status, seconds } = outcome
    this.sent += 1
    const statuses = this.#statuses.get(kind) ?? new Map<string, number>()
    const answer = status === undefined ? 'none' : String(status)
    statuses.set(answer, (statuses.get(answer) ?? 0) + 1)
    this.#statuses.set(kind, statuses)
    if (status === undefined) {
      this.unanswered += 1
      return
    }
    if (seconds > (this.slowest?.seconds ?? 0)) this.slowest = outcome
    if (status >= 500) {
      this.failed += 1
      this.lastFailed = outcome
    }
  }

  /** A row for each kind of request: how many, and how often each status was the answer. */
  rows(): { kind: string; sent: number; answers: string }[] {
    return [...this.#statuses].map(([kind, statuses]) => {
      const counts = [...statuses]
      return {
        kind,
        sent: counts.reduce((sum, [, count]) => sum + count, 0),
        answers: counts.map(([answer, count]) => `${answer} (${count})`).join(', '),
      }
    })
  }
}
