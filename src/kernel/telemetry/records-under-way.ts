/** What a member keeps for its list. */
export interface Member {
  indexUnderWay: number
}

/**
 * The records whose answer has not closed yet. Not a Set: with each few additions and removals a Set moves to a new
 * table, and the old ones, once the garbage collector has promoted them, keep all that was in them until it is done with
 * the whole heap. At full speed that is a hundred megabytes.
 */
export class RecordsUnderWay<member extends Member> {
  readonly #members: member[] = []

  get size(): number {
    return this.#members.length
  }

  add(member: member): void {
    member.indexUnderWay = this.#members.length
    this.#members.push(member)
  }

  delete(member: member): void {
    const last = this.#members.pop()
    if (last === undefined || last === member) return
    this.#members[member.indexUnderWay] = last
    last.indexUnderWay = member.indexUnderWay
  }

  some(isWanted: (member: member) => boolean): boolean {
    return this.#members.some(isWanted)
  }
}
