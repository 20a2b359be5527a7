import { createReadStream } from 'node:fs'

const NEWLINE = 0x0a

export async function countLines(file: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1
  }
  return lines
}
