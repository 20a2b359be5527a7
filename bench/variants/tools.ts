/** What the workloads need of a variant's telemetry. A bare variant's do nothing. */
export interface Tools {
  /** `GET /healthz` counts and logs. */
  onHealthz(): void
  log(message: string): void
  /** `GET /busy` does a part of its work in a span of its own. */
  inChildSpan<T>(work: () => Promise<T>): Promise<T>
  /** Where `GET /busy` sends its request. */
  upstreamUrl: string
}

export const noTools: Omit<Tools, 'upstreamUrl'> = {
  onHealthz() {},
  log() {},
  inChildSpan: (work) => work(),
}
