/** Takes what is written straight into its buffer: `reserve`, write from `position` on, `commit`; nothing in between. */
export interface ByteSink {
  /** Where the next bytes go in the buffer that `reserve` gave. */
  readonly position: number
  /** The same memory as the buffer that `reserve` gave. */
  readonly view: DataView
  /** A buffer with room for that many bytes from `position` on; undefined if they are lost, which is counted. */
  reserve(mostBytes: number): Buffer | undefined
  /** `end` is where the bytes end. */
  commit(end: number): void
}
