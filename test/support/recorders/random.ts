/** Numbers from 0 to 1. */
export type Random = () => number

/** The same ones for the same seed (mulberry32). */
export function generatorOf(seed: number): Random {
  let state = seed
  return function next() {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

export function pick<item>(random: Random, items: readonly item[]): item {
  return items[below(random, items.length)] as item
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability
}

export function listOf<item>(length: number, make: (index: number) => item): item[] {
  return Array.from({ length }, (_, index) => make(index))
}

export function hexOf(random: Random, digits: number): string {
  return listOf(digits, () => below(random, 16).toString(16)).join('')
}

/** Characters from one code to another. */
export function charactersOf(random: Random, length: number, from: number, to: number): string {
  return listOf(length, () => String.fromCharCode(from + below(random, to - from + 1))).join('')
}
