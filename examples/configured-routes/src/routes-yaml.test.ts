import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { InvalidConfiguration } from './mistakes.ts'
import { parseRoutes } from './routes-yaml.ts'

describe('parseRoutes', () => {
  it('reads a path and its answer, as a text or with a duration', () => {
    const routes = parseRoutes(
      `routes:
  /route1: "route1's content"
  /slow: {response: worth the wait, duration: 1.5}
  /now: { response: at once }
`,
      'routes.yaml',
    )

    assert.deepEqual(routes, [
      { pattern: '/route1', response: "route1's content", durationSeconds: 0 },
      { pattern: '/slow', response: 'worth the wait', durationSeconds: 1.5 },
      { pattern: '/now', response: 'at once', durationSeconds: 0 },
    ])
  })

  it('keeps values as they are written, and only nothing becomes the empty text', () => {
    const texts: [written: string, response: string][] = [
      ['12', '12'],
      ['0x1F', '0x1F'],
      ['1.50', '1.50'],
      ['yes', 'yes'],
      ['true', 'true'],
      ['2026-03-05', '2026-03-05'],
      ['~', ''],
      ['null', ''],
      ['', ''],
      ["''", ''],
      ["'~'", '~'],
      ['"a\\nb\\u00e9"', 'a\nbé'],
      ["'it''s'", "it's"],
      ['two\n    lines', 'two lines'],
      ['|\n    one\n    two\n', 'one\ntwo\n'],
      ['|-\n    one\n    two\n', 'one\ntwo'],
      ['>\n    one\n    two\n', 'one two\n'],
      ['!!str 12', '12'],
      ['{response: 0x1F}', '0x1F'],
      ['{response: ~}', ''],
    ]
    for (const [written, response] of texts) {
      const [route] = parseRoutes(`routes:\n  /a: ${written}\n`, 'f')
      assert.equal(route?.response, response, written)
    }
  })

  it('reads paths in quotes, anchors and aliases, and leaves other keys alone', () => {
    const routes = parseRoutes(
      `shared: &greeting hello
routes:
  "/quoted path": *greeting
  '/b': &own {response: mine, duration: 2}
  /c: *own
`,
      'f',
    )

    assert.deepEqual(
      routes.map(({ pattern, response, durationSeconds }) => [pattern, response, durationSeconds]),
      [
        ['/quoted path', 'hello', 0],
        ['/b', 'mine', 2],
        ['/c', 'mine', 2],
      ],
    )
  })

  it('has no routes only where it says so', () => {
    assert.deepEqual(parseRoutes('routes: {}', 'f'), [])
  })

  it('refuses what is no map of routes', () => {
    const missing = 'the key routes is missing; write "routes:" and below it'
    assertRefused('', [`f:1:1: the file is empty; write "routes:" and below it ${example}`])
    assertRefused('# only this\n', [
      `f:1:1: the file is empty; write "routes:" and below it ${example}`,
    ])
    assertRefused('just text', ['f:1:1: expected a map with the key routes, got "just text"'])
    assertRefused('- /a', ['f:1:1: expected a map with the key routes, got a list'])
    assertRefused('route:\n  /a: b\n', [`f:1:1: ${missing} ${example}`])
    assertRefused('routes:\n', [
      `f:1:8: routes: expected a map of paths such as ${example}, or {} for none, got nothing`,
    ])
    assertRefused('routes: [/a]', [
      `f:1:9: routes: expected a map of paths such as ${example}, or {} for none, got a list`,
    ])
  })

  it('refuses what is no YAML, and says where', () => {
    assertRefused('routes:\n  /a: "open\n', ['f:3:1: this is no YAML: Missing closing "quote'])
    assertRefused('routes:\n\t/a: b\n', [
      'f:2:1: this is no YAML: Tabs are not allowed as indentation',
    ])
    assertRefused('routes: {}\n---\nroutes: {}\n', [
      'f:2:1: a second YAML document begins here; keep one',
    ])
    assertRefused('routes:\n  /a: !secret b\n', [
      'f:2:7: Unresolved tag: !secret; take the tag away',
    ])
    assertRefused('routes:\n  /a: *b\n', ['f:2:7: no anchor &b stands before this alias'])
  })

  it('tells every mistake of a file, with its place and what to write instead', () => {
    assertRefused(
      `routes:
  route1: a
  "": b
  /connect_db: c
  /twice: d
  /list: [e]
  /slow: {response: f, duration: -1}
  /late: {response: g, duration: soon}
  /text: {response: g, duration: "3"}
  /long: {response: g, duration: 86401}
  /none: {duration: 1}
  /more: {response: h, delay: 1}
  /deep: {response: {i: j}}
  /twice: k
  ? [l]
  : m
`,
      [
        '13 mistakes',
        '  f:2:3: routes["route1"]: a path begins with a slash; write "/route1"',
        '  f:3:3: routes[""]: a path is empty; write one such as /route1',
        '  f:4:3: routes["/connect_db"]: the service itself answers this path; choose another one',
        '  f:6:10: routes["/list"]: expected a text or {response: TEXT, duration: SECONDS}, got a list',
        '  f:7:34: routes["/slow"].duration: expected a number of seconds from 0 to 86400, got "-1"',
        '  f:8:34: routes["/late"].duration: expected a number of seconds from 0 to 86400, got "soon"',
        '  f:9:34: routes["/text"].duration: expected a number of seconds from 0 to 86400, got "3"',
        '  f:10:34: routes["/long"].duration: expected a number of seconds from 0 to 86400, got "86401"',
        '  f:11:10: routes["/none"].response: is missing; write response: TEXT, or response: \'\'',
        '  f:12:24: routes["/more"]: unknown field "delay"; there are response and duration',
        '  f:13:21: routes["/deep"].response: expected a text, got a map',
        '  f:14:3: routes["/twice"]: is on line 5 already; keep one of the two',
        '  f:15:5: routes: expected a path such as /route1, got a list',
      ],
    )
  })

  it('lists no more mistakes than somebody reads', () => {
    const lines = messageOf(`routes:\n${'  x: y\n'.repeat(100)}`).split('\n')

    assert.equal(lines.length, 22)
    assert.match(lines[0] ?? '', /^\d+ mistakes$/)
    assert.match(lines[21] ?? '', /^ {2}and \d+ more$/)
  })

  it('refuses what is nested deeper than it can follow', () => {
    for (const depth of [100, 500, 1000, 5000, 100_000]) {
      assert.match(
        messageOf(`routes: ${'['.repeat(depth)}${']'.repeat(depth)}`),
        /^f:1:\d+: |mistakes/,
      )
    }
  })

  it('takes time in proportion to the file, with as many aliases as lines', () => {
    const lines = Array.from({ length: 8000 }, (_, index) => `  /${index}: *text\n`)
    const begun = performance.now()

    assert.equal(parseRoutes(`text: &text hello\nroutes:\n${lines.join('')}`, 'f').length, 8000)
    assert.ok(performance.now() - begun < 5000)
  })
})

describe('a file that was changed at random', () => {
  it('is taken or refused with a place, a thousand times', () => {
    const random = randomFrom(20_261_121)
    const outcomes = { taken: 0, refused: 0 }
    const begun = performance.now()

    for (let round = 0; round < 1000; round += 1) {
      const text = mutated(valid, random)
      const message = messageOf(text)
      if (message === '') outcomes.taken += 1
      else {
        outcomes.refused += 1
        assert.match(message, /^(\d+ mistakes\n {2})?f:[1-9]\d*:[1-9]\d*: ./, JSON.stringify(text))
      }
    }

    assert.ok(outcomes.taken > 50 && outcomes.refused > 50, JSON.stringify(outcomes))
    assert.ok(performance.now() - begun < 20_000)
  })
})

const example = '/route1: "what is answered"'

const valid = `# A comment
shared: &text shared text
routes:
  /route1: "route1's content"
  '/route2': route2
  /sub/: |
    several
    lines
  /slow: { response: worth the wait, duration: 0.5 }
  /block:
    response: *text
    duration: 3
  /empty:
  /number: 0x1F
`

const pieces = [
  ...'\n\t :{}[],#&*!|>\'"%@`-?~/\\0\u0000\uFEFF\uD800é'.split(''),
  '  ',
  '---\n',
  '...',
  '%YAML 1.1\n',
  '<<: ',
  '&a ',
  '*text',
  '!!binary ',
  '!!set ',
  'routes:',
  'duration: -1',
  '? ',
  '\r\n',
  '[[[[[[[[[[[[[[[[',
  '{a: {a: {a: {a: ',
]

function mutated(text: string, random: (below: number) => number): string {
  let changed = text
  for (let times = random(4); times >= 0; times -= 1) {
    const from = random(changed.length + 1)
    const to = from + random(2) * random(12)
    changed = `${changed.slice(0, from)}${pieces[random(pieces.length)]}${changed.slice(to)}`
  }
  return changed
}

/** Whole numbers below `below`, always the same ones for a seed (xorshift). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function assertRefused(text: string, lines: string[]): void {
  assert.deepEqual(messageOf(text).split('\n'), lines)
}

/** Empty if the text is taken. Whatever else is thrown than a refusal fails the test. */
function messageOf(text: string): string {
  try {
    parseRoutes(text, 'f')
    return ''
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error
    return error.message
  }
}
