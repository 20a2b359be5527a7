import { AsyncLocalStorage } from 'node:async_hooks'
import { writeSync } from 'node:fs'

import { viewOf } from './view-of.ts'

export interface LineBufferOptions {
  /** Default: stdout. It should be non-blocking (see `bufferedStdout`); one that blocks stalls, and loses nothing. */
  fd?: number
  /** Each line leaves with the call that wrote it: for a terminal. */
  immediate?: boolean
  /** What may wait at most; the newest lines are dropped beyond it. */
  maxBytes?: number
  /** What leaves before its time is up. */
  batchBytes?: number
  /** How long a line waits at most for others to leave with. */
  flushMillis?: number
  /** When to try again after the descriptor took nothing; sooner after it took a part. */
  retryMillis?: number
  /** Called before each `write`, and before all leave for good: for lines that are to stand before, by `reserve`. */
  settle?: () => void
  /** Told from a timer or from `flushSync`, never from within `write`: it may log itself. */
  onDropped?: (count: number) => void
  writeSync?: (fd: number, bytes: Buffer, offset: number, length: number) => number
}

const exitPauseMillis = 5
// A pipe holds 64 KiB: a longer pause would be the limit of a reader that is quick again.
const shortRetryMillis = 1
const newline = 0x0a
// A pipe without room, a disk without room: both may have some again. Any other error means nobody takes the lines.
const passing = ['EAGAIN', 'ENOSPC', 'EDQUOT']

/**
 * Lines on their way to a descriptor, in order and in few system calls. A reader that lags costs no request its time:
 * what the descriptor does not take at once waits here, up to a bound.
 *
 * Timers hold no process open. `flushSync` belongs into its 'exit' event.
 */
export class LineBuffer {
  readonly #fd: number
  readonly #maxBytes: number
  readonly #batchBytes: number
  #firstFlushAt: number
  readonly #settle: () => void
  readonly #onDropped: (count: number) => void
  readonly #writeSync: NonNullable<LineBufferOptions['writeSync']>
  readonly #flushMillis: number
  readonly #retryMillis: number

  /** Lines wait from `#head` to `#tail`. */
  readonly #bytes: Buffer
  readonly #view: DataView
  #head = 0
  #tail = 0
  #flushAt: number
  #dropped = 0
  #isArmed = false
  #isRetrying = false
  #isWriting = false
  #hasGivenUp = false

  constructor({
    fd = 1,
    immediate = false,
    maxBytes = 4 * 1024 * 1024,
    batchBytes = 64 * 1024,
    flushMillis = 200,
    retryMillis = 10,
    settle = () => {},
    onDropped = () => {},
    writeSync: write = writeSync,
  }: LineBufferOptions = {}) {
    this.#fd = fd
    this.#maxBytes = maxBytes
    this.#batchBytes = batchBytes
    this.#firstFlushAt = immediate ? 0 : batchBytes
    this.#flushAt = this.#firstFlushAt
    this.#flushMillis = flushMillis
    this.#retryMillis = retryMillis
    this.#settle = settle
    // Else it would run as a part of the request that happened to arm the timer.
    this.#onDropped = AsyncLocalStorage.bind(onDropped)
    this.#writeSync = write
    // Twice the bound: what waits is then moved at most once for as many bytes written. Only pages that were
    // written to take memory, and an empty buffer begins at its front again.
    this.#bytes = Buffer.allocUnsafeSlow(2 * maxBytes)
    this.#view = viewOf(this.#bytes)
  }

  /** A line, its newline included. */
  write(line: string): void {
    this.#settle()
    // No UTF-16 unit takes more than three bytes; they are counted only where that many do not fit.
    if (this.#hasRoom(line.length * 3) || this.#hasRoom(Buffer.byteLength(line))) {
      this.commit(this.#tail + this.#bytes.write(line, this.#tail))
    } else {
      this.#drop(1)
    }
  }

  /**
   * Where to put the bytes of the next line, from `position` on; undefined if the line is dropped. Nothing is written
   * before `commit`, and no other line may come between the two.
   */
  reserve(maxBytes: number): Buffer | undefined {
    if (this.#hasRoom(maxBytes)) return this.#bytes
    this.#drop(1)
    return undefined
  }

  get position(): number {
    return this.#tail
  }

  get view(): DataView {
    return this.#view
  }

  /** The line that was put at `position` ends before `end`, its newline included. */
  commit(end: number): void {
    this.#tail = end
    if (end >= this.#flushAt) this.#send()
    else this.#arm()
  }

  /** Writes all, waiting for a slow reader, and returns how many lines were left when the time was up. */
  flushSync(deadlineMillis = 1000): number {
    const deadline = performance.now() + deadlineMillis
    this.#settle()
    // What is told of lost lines may be a line itself.
    this.#report()
    this.#send()
    while (this.#mayStillLeave() && performance.now() < deadline) {
      pause(exitPauseMillis)
      this.#send()
    }
    const left = this.#countWaiting()
    // Crash and exit flush one after the other: they need not both wait for a reader that is stuck.
    if (left > 0) this.#hasGivenUp = true
    this.#report()
    return left
  }

  /** From now on each line leaves with the call that wrote it: for the end, when no timer comes any more. */
  writeThrough(): void {
    this.#firstFlushAt = 0
    this.#flushAt = 0
  }

  #mayStillLeave(): boolean {
    return this.#head < this.#tail && !this.#isWriting && !this.#hasGivenUp
  }

  #hasRoom(size: number): boolean {
    if (this.#tail - this.#head + size > this.#maxBytes) return false
    if (this.#tail + size > this.#bytes.length) this.#moveToFront()
    return true
  }

  #moveToFront(): void {
    this.#bytes.copyWithin(0, this.#head, this.#tail)
    this.#flushAt -= this.#head
    this.#tail -= this.#head
    this.#head = 0
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    setTimeout(() => {
      this.#isArmed = false
      this.#sendAndReport()
    }, this.#flushMillis).unref()
  }

  #sendAndReport(): void {
    this.#send()
    this.#report()
  }

  /** One attempt. A write that took only a part is no reason for another: a pipe that is full says so at a cost. */
  #send(): void {
    if (this.#isWriting || this.#head === this.#tail) return
    this.#isWriting = true
    let written = 0
    try {
      const length = this.#tail - this.#head
      written = this.#writeSync(this.#fd, this.#bytes, this.#head, length)
      this.#head += written
      if (written > 0) this.#hasGivenUp = false
    } catch (error) {
      if (!passing.includes(String((error as NodeJS.ErrnoException).code))) this.#dropWaiting()
    }
    this.#isWriting = false
    if (this.#head === this.#tail) this.#beginAtFront()
    else this.#retryIn(written > 0 ? shortRetryMillis : this.#retryMillis)
  }

  #beginAtFront(): void {
    this.#head = 0
    this.#tail = 0
    this.#flushAt = this.#firstFlushAt
  }

  #retryIn(millis: number): void {
    this.#flushAt = this.#tail + this.#batchBytes
    if (this.#isRetrying) return
    this.#isRetrying = true
    setTimeout(() => {
      this.#isRetrying = false
      this.#sendAndReport()
    }, millis).unref()
  }

  #dropWaiting(): void {
    this.#drop(this.#countWaiting())
    this.#head = this.#tail
  }

  #drop(count: number): void {
    this.#dropped += count
    this.#arm()
  }

  #report(): void {
    const count = this.#dropped
    this.#dropped = 0
    if (count > 0) this.#onDropped(count)
  }

  /** A line whose beginning has left counts. */
  #countWaiting(): number {
    let count = 0
    const waiting = this.#bytes.subarray(this.#head, this.#tail)
    for (let at = waiting.indexOf(newline); at !== -1; at = waiting.indexOf(newline, at + 1))
      count++
    return count
  }
}

const neverNotified = new Int32Array(new SharedArrayBuffer(4))

function pause(millis: number): void {
  Atomics.wait(neverNotified, 0, 0, millis)
}
