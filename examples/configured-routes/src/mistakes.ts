/** One thing that is wrong in a file, and what to write instead. */
export interface Mistake {
  /** Both from 1. */
  line: number
  column: number
  /** Where in the structure: `routes["/slow"].duration`. */
  field?: string
  message: string
}

// Who has twenty mistakes has one, seen twenty times.
const mostListed = 20

/** The file is not taken. The message lists every mistake with its place, a line each. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration'

  constructor(file: string, mistakes: Mistake[]) {
    super(listed(mistakes.toSorted(byPlace).map((mistake) => sentence(file, mistake))))
  }
}

/** The file cannot even be read. */
export class UnreadableConfiguration extends Error {
  override readonly name = 'UnreadableConfiguration'
}

function byPlace(a: Mistake, b: Mistake): number {
  return a.line - b.line || a.column - b.column
}

function sentence(file: string, { line, column, field, message }: Mistake): string {
  return `${file}:${line}:${column}: ${field === undefined ? '' : `${field}: `}${message}`
}

function listed(sentences: string[]): string {
  const [only = ''] = sentences
  if (sentences.length <= 1) return only
  const more = sentences.length - mostListed
  return [
    `${sentences.length} mistakes`,
    ...sentences.slice(0, mostListed).map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n')
}
