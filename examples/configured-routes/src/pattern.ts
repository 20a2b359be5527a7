import { posix } from 'node:path'

/** Answered by the service or its kernel, whatever a file says. */
const builtIn = new Set(['/connect_db', '/livez', '/readyz', '/startupz', '/metrics'])

/** The path without `//`, `/./` and `/../`, which may stand there encoded. */
export function cleanPath(path: string): string {
  return posix.normalize(path)
}

/** What is wrong with the pattern, and what to write instead; undefined if nothing is. */
export function patternMistake(pattern: string): string | undefined {
  if (pattern === '') return 'a path is empty; write one such as /route1'
  if (!pattern.startsWith('/')) {
    return `a path begins with a slash; write ${JSON.stringify(cleanPath(`/${pattern}`))}`
  }
  const clean = cleanPath(pattern)
  if (clean !== pattern) {
    return `no request can have this path; write ${JSON.stringify(clean)}`
  }
  return builtIn.has(pattern)
    ? 'the service itself answers this path; choose another one'
    : undefined
}
