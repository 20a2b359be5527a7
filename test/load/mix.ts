export interface Kind {
  /** What it stands for, as the summary names it. */
  name: string
  /** How often it comes up, in relation to the others: in good times, and in the bad spell. */
  weight: number
  weightInBadSpell: number
  request(): PlannedRequest
}

export interface PlannedRequest {
  method: 'GET' | 'POST'
  path: string
  /** A caller without patience hangs up by then. */
  leaveAfterMillis?: number
}

// What browsers and scanners ask every server for.
const missingPaths = ['/favicon.ico', '/robots.txt', '/wp-login.php', '/.env', '/api/v1/users']

const greeting = steady('greeting', 40, () => get('/'))

/**
 * What a service meets on an ordinary day. In good times the objectives of prometheus/rules/objectives.yaml are kept,
 * in the bad spell they are not: that is the spike to look at.
 */
export const mix: Kind[] = [
  greeting,
  steady('version', 20, () => get('/version')),
  steady('healthz', 15, () => get('/healthz')),
  steady('health', 10, () => get('/health')),
  steady('not found', 4, () => get(missingPaths[Math.floor(Math.random() * 5)] ?? '/')),
  steady('wrong method', 1, () => ({ method: 'POST', path: '/' })),
  steady('a little slow', 9, () => get(slow(0.02, 0.2))),
  { name: 'slow', weight: 0.5, weightInBadSpell: 20, request: () => get(slow(0.3, 2.5)) },
  {
    name: 'given up',
    weight: 0.3,
    weightInBadSpell: 3,
    request: () => ({ ...get(slow(2, 3)), leaveAfterMillis: 150 }),
  },
  {
    name: 'unavailable',
    weight: 0.02,
    weightInBadSpell: 10,
    request: () => get('/demo/unavailable'),
  },
  { name: 'bug', weight: 0.01, weightInBadSpell: 5, request: () => get('/demo/bug') },
]

/** @param chance from 0 to below 1 */
export function kindBy(chance: number, badSpell: boolean): Kind {
  const weightOf = (kind: Kind) => (badSpell ? kind.weightInBadSpell : kind.weight)
  let left = chance * mix.reduce((sum, kind) => sum + weightOf(kind), 0)
  // Rounding may leave a rest.
  return mix.find((kind) => (left -= weightOf(kind)) < 0) ?? greeting
}

function steady(name: string, weight: number, request: () => PlannedRequest): Kind {
  return { name, weight, weightInBadSpell: weight, request }
}

function get(path: string): PlannedRequest {
  return { method: 'GET', path }
}

function slow(fromSeconds: number, toSeconds: number): string {
  const seconds = fromSeconds + Math.random() * (toSeconds - fromSeconds)
  return `/demo/slow?seconds=${seconds.toFixed(2)}`
}
