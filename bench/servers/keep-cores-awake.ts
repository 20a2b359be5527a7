import { closeSync, openSync, writeSync } from 'node:fs'

/**
 * Waking a core that sleeps is charged to whoever sends it something: several microseconds of each answer, in a virtual
 * machine, to a server whose generator waits for it, and none to one that keeps it busy. As long as this is held, idle
 * cores do not sleep (the kernel's "PM quality of service"; only root may ask for it). Undefined where that cannot be had.
 */
export function keepCoresAwake(): Disposable | undefined {
  try {
    const fd = openSync('/dev/cpu_dma_latency', 'w')
    // The longest latency that is borne, in microseconds, as 32 bits; it counts for as long as the file is open.
    writeSync(fd, Buffer.alloc(4))
    return { [Symbol.dispose]: () => closeSync(fd) }
  } catch {
    return undefined
  }
}
