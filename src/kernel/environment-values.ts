import { z } from 'zod'

/**
 * Building blocks of a settings schema: text from the environment to a typed value, with a complaint that says what
 * was expected and what was there.
 */
export function port() {
  return numeric('a port number from 0 to 65535', (value) => isWhole(value) && value <= 65_535)
}

/** Seconds, at most a day; fractions are welcome. */
export function seconds(minimum: 0 | 'above 0' = 0) {
  return minimum === 0
    ? numeric('a number of seconds, 0 or more', (value) => value <= 86_400)
    : numeric('a number of seconds above 0', (value) => value > 0 && value <= 86_400)
}

export function wholeNumber(minimum: number) {
  return numeric(`a whole number from ${minimum}`, (value) => isWhole(value) && value >= minimum)
}

/** From 0 to 1. */
export function ratio() {
  return numeric('a number from 0 to 1', (value) => value <= 1)
}

export function oneOf<const choice extends string>(choices: readonly [choice, ...choice[]]) {
  return z.enum(choices, {
    error: ({ input }) => `expected one of ${choices.join(', ')}, got "${String(input)}"`,
  })
}

export function flag() {
  return z
    .string()
    .toLowerCase()
    .pipe(oneOf(['true', 'false']))
    .transform((text) => text === 'true')
}

/** Names separated by commas, each one of `choices`. */
export function listOf<const choice extends string>(choices: readonly [choice, ...choice[]]) {
  return z
    .string()
    .transform(splitList)
    .pipe(z.array(oneOf(choices)))
}

export function httpUrl(example: string) {
  return z.string().refine((text) => /^https?:\/\/[^/]/i.test(text) && URL.canParse(text), {
    error: ({ input }) => `expected a URL such as ${example}, got "${String(input)}"`,
  })
}

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value)
}

function numeric(expected: string, accepts: (value: number) => boolean) {
  return z.string().transform((text, context) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (accepts(value)) return value
    context.addIssue(`expected ${expected}, got "${text}"`)
    return z.NEVER
  })
}
