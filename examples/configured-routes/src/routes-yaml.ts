import { isAlias, isMap, isScalar, LineCounter, parseDocument, Scalar, visit } from 'yaml'
import type { Alias, Document, Node, Pair, YAMLError, YAMLMap } from 'yaml'

import { InvalidConfiguration } from './mistakes.ts'
import type { Mistake } from './mistakes.ts'
import { patternMistake } from './pattern.ts'
import type { Route } from './route-table.ts'

const longestSeconds = 86_400
const example = '/route1: "what is answered"'

/**
 * The routes that a YAML text describes. Values keep the text that stands there: `1.50` and `0x1F` are no numbers.
 * @throws InvalidConfiguration that lists every mistake
 */
export function parseRoutes(text: string, file: string): Route[] {
  const reader = new RoutesReader(text)
  const routes = reader.read()
  if (reader.mistakes.length > 0) throw new InvalidConfiguration(file, reader.mistakes)
  return routes
}

class RoutesReader {
  readonly mistakes: Mistake[] = []
  readonly #lines = new LineCounter()
  readonly #document: Document.Parsed
  readonly #targets: Map<Alias, Node | undefined>

  constructor(text: string) {
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      // Its way takes quadratic time; duplicates are found below.
      uniqueKeys: false,
    })
    this.#targets = this.#document.errors.length > 0 ? new Map() : targetsOf(this.#document)
  }

  read(): Route[] {
    const { errors, warnings, contents } = this.#document
    for (const error of [...errors, ...warnings]) this.#mistake(error.pos[0], inWords(error))
    // What follows a syntax error would only be found to be wrong for its sake.
    if (errors.length > 0) return []
    for (const [alias, target] of this.#targets) {
      if (!target) this.#mistake(alias, `no anchor &${alias.source} stands before this alias`)
    }

    if (contents === null || (isScalar(contents) && contents.value === null)) {
      this.#mistake(contents, `the file is empty; write "routes:" and below it ${example}`)
      return []
    }
    if (!isMap(contents)) {
      this.#mistake(contents, `expected a map with the key routes, got ${kindOf(contents)}`)
      return []
    }
    return this.#routes(contents)
  }

  #routes(top: YAMLMap): Route[] {
    const pairs = top.items.filter(({ key }) => isScalar(key) && key.source === 'routes')
    const [pair, second] = pairs
    if (!pair) {
      this.#mistake(top, `the key routes is missing; write "routes:" and below it ${example}`)
      return []
    }
    if (second) this.#mistake(second.key, 'stands here a second time; join the two', 'routes')
    const routes = this.#resolved(pair.value)
    if (!isMap(routes)) {
      const message = `expected a map of paths such as ${example}, or {} for none, got ${kindOf(routes)}`
      this.#mistake(pair.value ?? pair.key, message, 'routes')
      return []
    }
    return this.#eachRoute(routes)
  }

  #eachRoute(map: YAMLMap): Route[] {
    const linesOfPatterns = new Map<string, number>()
    return map.items.flatMap((pair) => {
      const pattern = this.#pattern(pair)
      if (pattern === undefined) return []

      const field = `routes[${JSON.stringify(pattern)}]`
      const before = linesOfPatterns.get(pattern)
      if (before !== undefined) {
        this.#mistake(pair.key, `is on line ${before} already; keep one of the two`, field)
      }
      linesOfPatterns.set(pattern, this.#place(pair.key).line)
      return { pattern, ...this.#answer(pair, field) }
    })
  }

  #pattern({ key }: Pair): string | undefined {
    const pattern = this.#text(key)
    if (pattern === undefined) {
      this.#mistake(key, `expected a path such as /route1, got ${kindOf(key)}`, 'routes')
      return undefined
    }
    const mistake = patternMistake(pattern)
    if (mistake !== undefined) {
      this.#mistake(key, mistake, `routes[${JSON.stringify(pattern)}]`)
    }
    return pattern
  }

  #answer(pair: Pair, field: string): Omit<Route, 'pattern'> {
    const value = this.#resolved(pair.value)
    if (isMap(value)) return this.#answerWithDuration(value, field)

    const response = this.#text(value)
    if (response === undefined) {
      const message = `expected a text or {response: TEXT, duration: SECONDS}, got ${kindOf(value)}`
      this.#mistake(pair.value, message, field)
    }
    return { response: response ?? '', durationSeconds: 0 }
  }

  #answerWithDuration(map: YAMLMap, field: string): Omit<Route, 'pattern'> {
    const fields = new Map<string, unknown>()
    for (const { key, value } of map.items) {
      const name = this.#text(key) ?? ''
      if (name !== 'response' && name !== 'duration') {
        const message = `unknown field ${JSON.stringify(name)}; there are response and duration`
        this.#mistake(key, message, field)
      } else if (fields.has(name)) {
        this.#mistake(key, 'stands here a second time; keep one of the two', `${field}.${name}`)
      }
      fields.set(name, value)
    }
    return {
      response: this.#response(map, fields, field),
      durationSeconds: this.#duration(fields, field),
    }
  }

  #response(map: YAMLMap, fields: Map<string, unknown>, field: string): string {
    if (!fields.has('response')) {
      this.#mistake(map, "is missing; write response: TEXT, or response: ''", `${field}.response`)
      return ''
    }
    const value = fields.get('response')
    const text = this.#text(value)
    if (text === undefined) {
      this.#mistake(value, `expected a text, got ${kindOf(value)}`, `${field}.response`)
    }
    return text ?? ''
  }

  #duration(fields: Map<string, unknown>, field: string): number {
    if (!fields.has('duration')) return 0
    const value = fields.get('duration')
    const node = this.#resolved(value)
    const text = isScalar(node) && node.type === Scalar.PLAIN ? (node.source ?? '') : ''
    const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (seconds <= longestSeconds) return seconds

    const message = `expected a number of seconds from 0 to ${longestSeconds}, got ${kindOf(node)}`
    this.#mistake(value, message, `${field}.duration`)
    return 0
  }

  /** The text of a scalar as it was written; nothing at all is the empty text. */
  #text(value: unknown): string | undefined {
    const node = this.#resolved(value)
    if (node === null || node === undefined) return ''
    if (!isScalar(node)) return undefined
    return node.value === null ? '' : (node.source ?? '')
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node
  }

  #mistake(where: unknown, message: string, field?: string): void {
    this.mistakes.push({ ...this.#place(where), message, ...(field !== undefined && { field }) })
  }

  #place(where: unknown): { line: number; column: number } {
    const offset = typeof where === 'number' ? where : ((where as Node | null)?.range?.[0] ?? 0)
    const { line, col } = this.#lines.linePos(offset)
    // A text without a single line has no line 1 for the counter.
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

/** What each alias stands for. The library's own `resolve` walks the whole document, every time. */
function targetsOf(document: Document.Parsed): Map<Alias, Node | undefined> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node | undefined>()
  visit(document, {
    Alias: (_key, alias) => void targets.set(alias, anchors.get(alias.source)),
    Value: (_key, node) => void (node.anchor !== undefined && anchors.set(node.anchor, node)),
  })
  return targets
}

function inWords({ code, message }: YAMLError): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'a second YAML document begins here; keep one'
    case 'RESOURCE_EXHAUSTION':
      return 'this is nested too deeply'
    case 'TAG_RESOLVE_FAILED':
      return `${message}; take the tag away`
    default:
      return `this is no YAML: ${message}`
  }
}

function kindOf(node: unknown): string {
  if (isMap(node)) return 'a map'
  if (isScalar(node)) return node.value === null ? 'nothing' : shortened(node.source ?? '')
  return node === undefined || node === null ? 'nothing' : 'a list'
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
