/** Round by round, so that what slowed a whole round down slows both sides of its ratio. Rounds that one side lacks are left out. */
export function pairedRatios(
  values: ReadonlyMap<number, number>,
  references: ReadonlyMap<number, number>,
): number[] {
  return [...values].flatMap(([round, value]) => {
    const reference = references.get(round)
    return reference === undefined ? [] : value / reference
  })
}
