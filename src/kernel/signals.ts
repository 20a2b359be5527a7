// `npm start` passes a signal on that a terminal has already sent to the whole group.
const sameSignalMillis = 50

/** Resolves with the first SIGTERM or SIGINT. The next one ends the process at once, with 1. */
export function stopSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let firstAt: number | undefined

  function onSignal(signal: NodeJS.Signals): void {
    if (firstAt === undefined) {
      firstAt = performance.now()
      resolve(signal)
    } else if (performance.now() - firstAt > sameSignalMillis) {
      process.exit(1)
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return promise
}
