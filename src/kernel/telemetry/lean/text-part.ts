import { writeText } from '../otlp/encoding/text.ts'
import { Part } from './part.ts'

// Longer paths are rare, and it grows.
const firstBytes = 256

/** A text as UTF-8, which several records have: encoded once, and only when it is another one. */
export class TextPart extends Part {
  #text = ''

  constructor() {
    super('')
    this.makeRoom(firstBytes)
  }

  set(text: string): void {
    if (text === this.#text) return
    this.makeRoom(mostBytesOf(text))
    this.length = writeText(this.bytes, 0, text)
    this.#text = text
  }
}

/** Three for each UTF-16 unit. */
export function mostBytesOf(text: string): number {
  return text.length * 3
}
