import { readFileSync } from 'node:fs'

// Ticks of /proc, a hundred a second on every Linux that Node runs on.
const TICKS_PER_SECOND = 100

/** Processor time of all the process' threads, user and system. */
export function cpuSeconds(pid: number): number {
  return cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** From the text of /proc/PID/stat; the name in parentheses may contain anything. */
export function cpuSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime are fields 14 and 15, the state after the name is field 3.
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory. */
export function rssBytes(pid: number): number {
  return rssBytesIn(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

export function rssBytesIn(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}
