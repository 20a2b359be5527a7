/** What has arrived since the receiver started. */
export interface Received {
  spans: number
  logRecords: number
}

export interface Receiver extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string
  received(): Promise<Received>
}

/**
 * `own` keeps the default windows of HTTP/2, 64 KiB; `collector` is the real one; `slow` is the own one, 3 s an answer;
 * `down` is nobody.
 */
export type ReceiverKind = 'own' | 'collector' | 'slow' | 'down'
