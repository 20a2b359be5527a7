import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

export type LogLine = Record<string, unknown> & { msg?: string; level?: string }

/** What a child has written so far, its stdout also as JSON lines. */
export class ChildOutput {
  readonly lines: LogLine[] = []
  /** Whole lines of stdout that are no JSON object. */
  readonly strays: string[] = []
  stdout = ''
  stderr = ''
  #unfinished = ''

  constructor(child: ChildProcessByStdio<null, Readable, Readable>) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#readStdout(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
  }

  /** For a child that ended by itself: what it wrote after the last newline is a line too. */
  finish(): void {
    if (this.#unfinished) this.#readLine(this.#unfinished)
    this.#unfinished = ''
  }

  toString(): string {
    return `stdout:\n${this.stdout || '(empty)'}\nstderr:\n${this.stderr || '(empty)'}`
  }

  // Not node:readline: it also breaks lines at U+2028 and U+2029, which JSON leaves unescaped.
  #readStdout(text: string): void {
    this.stdout += text
    const pieces = (this.#unfinished + text).split('\n')
    this.#unfinished = pieces.pop() ?? ''
    for (const piece of pieces) this.#readLine(piece)
  }

  #readLine(text: string): void {
    const line = parsed(text)
    if (line) this.lines.push(line)
    else this.strays.push(text)
  }
}

function parsed(text: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isLogLine(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isLogLine(value: unknown): value is LogLine {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
