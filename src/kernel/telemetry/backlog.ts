import { AsyncLocalStorage } from 'node:async_hooks'

/** What can wait a moment. */
export interface Job {
  run(): void
}

// Nearly all that is to be gained is there with 16 already, and lost again with 256 (decision 012).
const mostJobs = 64
// With what stdout waits, a line is out within the 200 ms that it may take.
const mostMillis = 50

/**
 * Work that is put off until there is some of it, a moment has passed, or somebody needs it done. Of work that is the
 * same for each request a processor does many in a row in less time than one between two requests, since what it
 * needs for that is in its caches: decision 012.
 */
export class Backlog {
  readonly #jobs: Job[] = []
  #next = 0
  #isArmed = false
  // Else a timer would hold the request that happened to set it, and a bug in a job would be that of another request.
  readonly #outside = AsyncLocalStorage.snapshot()

  add(job: Job): void {
    this.#jobs.push(job)
    if (this.#jobs.length >= mostJobs) this.settle()
    else if (!this.#isArmed) this.#outside(() => this.#arm())
  }

  /** Does all that was put off, in the order in which it came. To be called by whoever would see that it is not done. */
  settle(): void {
    // A job may set off what settles, too: that goes on with the next one, and finds nothing left when it is back here.
    for (let job = this.#take(); job !== undefined; job = this.#take()) this.#runOrCrash(job)
  }

  #take(): Job | undefined {
    const job = this.#jobs[this.#next]
    if (job === undefined) this.#jobs.length = 0
    this.#next = job === undefined ? 0 : this.#next + 1
    return job
  }

  #arm(): void {
    this.#isArmed = true
    setTimeout(() => {
      this.#isArmed = false
      this.settle()
    }, mostMillis).unref()
  }

  /** A bug in a job is none of those who happen to settle, nor of the jobs behind it. */
  #runOrCrash(job: Job): void {
    try {
      job.run()
    } catch (error) {
      this.#outside(() =>
        process.nextTick(() => {
          throw error
        }),
      )
    }
  }
}
