/** What the operator wants to know of a connection that failed. */
export function failureReason(error: Error): string {
  // A stream is cancelled because its connection failed, and that is what counts.
  if (error.cause instanceof Error) return failureReason(error.cause)
  // Tried by IPv6 and IPv4, Node's error has a code and no message.
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}
