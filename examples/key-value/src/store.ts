/** Where key-value pairs live. Writes go to a primary; a read may be answered by a replica and lag the write before it. */
export interface KeyValueStore {
  read(key: string): Promise<string | null>
  /** With what the server that answered says about its replication. */
  readTold(key: string): Promise<Told<string | null>>
  write(key: string, value: string): Promise<void>
  writeTold(key: string, value: string): Promise<Told<void>>
  /** Whether there was something to remove. */
  remove(key: string): Promise<boolean>
}

export interface Told<reply> {
  reply: reply
  /** The section `Replication` of Redis' INFO as it came; empty if the server broke off after its reply. */
  replication: string
}
