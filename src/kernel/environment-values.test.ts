import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { z } from 'zod'

import {
  flag,
  httpUrl,
  listOf,
  oneOf,
  port,
  ratio,
  seconds,
  splitList,
  wholeNumber,
} from './environment-values.ts'

describe('port', () => {
  it('takes 0 to 65535', () => {
    assert.equal(port().parse('0'), 0)
    assert.equal(port().parse('65535'), 65_535)
  })

  it('refuses what is no port, and says what was given', () => {
    assert.equal(
      complaintOf(port(), '65536'),
      'expected a port number from 0 to 65535, got "65536"',
    )
    assert.match(complaintOf(port(), '80.5'), /got "80.5"/)
    assert.match(complaintOf(port(), '-1'), /got "-1"/)
    assert.match(complaintOf(port(), 'http'), /got "http"/)
  })

  it('refuses numbers that only JavaScript reads as such', () => {
    assert.match(complaintOf(port(), '0x50'), /got "0x50"/)
    assert.match(complaintOf(port(), '1e3'), /got "1e3"/)
    assert.match(complaintOf(port(), '80 81'), /got "80 81"/)
  })
})

describe('seconds', () => {
  it('takes fractions and zero, up to a day', () => {
    assert.equal(seconds().parse('0'), 0)
    assert.equal(seconds().parse('0.25'), 0.25)
    assert.equal(seconds().parse('86400'), 86_400)
  })

  it('refuses a unit, a negative number and more than a day', () => {
    assert.equal(complaintOf(seconds(), '5s'), 'expected a number of seconds, 0 or more, got "5s"')
    assert.match(complaintOf(seconds(), '-1'), /got "-1"/)
    assert.match(complaintOf(seconds(), '86400.5'), /got "86400.5"/)
  })

  it('refuses zero where time has to pass', () => {
    assert.equal(
      complaintOf(seconds('above 0'), '0'),
      'expected a number of seconds above 0, got "0"',
    )
    assert.equal(seconds('above 0').parse('0.1'), 0.1)
    assert.match(complaintOf(seconds('above 0'), '86401'), /got "86401"/)
  })
})

describe('wholeNumber', () => {
  it('takes its minimum and above', () => {
    assert.equal(wholeNumber(1024).parse('1024'), 1024)
    assert.equal(wholeNumber(0).parse('0'), 0)
  })

  it('refuses less, fractions and what cannot be counted exactly', () => {
    assert.equal(
      complaintOf(wholeNumber(1024), '1023'),
      'expected a whole number from 1024, got "1023"',
    )
    assert.match(complaintOf(wholeNumber(0), '1.5'), /got "1.5"/)
    assert.match(complaintOf(wholeNumber(0), '9007199254740993'), /got "9007199254740993"/)
  })
})

describe('ratio', () => {
  it('takes 0 to 1', () => {
    assert.equal(ratio().parse('0'), 0)
    assert.equal(ratio().parse('0.05'), 0.05)
    assert.equal(ratio().parse('1'), 1)
  })

  it('refuses percentages and numbers outside', () => {
    assert.equal(complaintOf(ratio(), '1.5'), 'expected a number from 0 to 1, got "1.5"')
    assert.match(complaintOf(ratio(), '5%'), /got "5%"/)
    assert.match(complaintOf(ratio(), '-0.1'), /got "-0.1"/)
  })
})

describe('oneOf', () => {
  it('takes the choices only, and lists them', () => {
    assert.equal(oneOf(['red', 'blue']).parse('blue'), 'blue')
    assert.equal(complaintOf(oneOf(['red', 'blue']), 'Red'), 'expected one of red, blue, got "Red"')
  })
})

describe('flag', () => {
  it('reads true and false in any case', () => {
    assert.equal(flag().parse('true'), true)
    assert.equal(flag().parse('TRUE'), true)
    assert.equal(flag().parse('False'), false)
  })

  it('refuses other ways to say so', () => {
    assert.equal(complaintOf(flag(), '1'), 'expected one of true, false, got "1"')
  })
})

describe('listOf', () => {
  it('takes names separated by commas', () => {
    assert.deepEqual(listOf(['red', 'blue']).parse('blue, red ,'), ['blue', 'red'])
  })

  it('refuses a name that is no choice, and names only that one', () => {
    assert.equal(
      complaintOf(listOf(['red', 'blue']), 'red,green'),
      'expected one of red, blue, got "green"',
    )
  })
})

describe('httpUrl', () => {
  it('takes http and https', () => {
    assert.equal(httpUrl('http://x').parse('http://collector:4317'), 'http://collector:4317')
    assert.equal(httpUrl('http://x').parse('HTTPS://c.test/v1'), 'HTTPS://c.test/v1')
  })

  it('refuses a host and port without a scheme, and shows an example', () => {
    assert.equal(
      complaintOf(httpUrl('http://localhost:4317'), 'collector:4317'),
      'expected a URL such as http://localhost:4317, got "collector:4317"',
    )
  })

  it('refuses other schemes and URLs without a host', () => {
    assert.match(complaintOf(httpUrl('http://x'), 'grpc://collector:4317'), /got "grpc:/)
    assert.match(complaintOf(httpUrl('http://x'), 'http:collector'), /got "http:collector"/)
    assert.match(complaintOf(httpUrl('http://x'), 'http:///v1'), /got "http:\/\/\/v1"/)
    assert.match(complaintOf(httpUrl('http://x'), 'http://c:99999'), /got "http:\/\/c:99999"/)
  })
})

describe('splitList', () => {
  it('drops blanks and empty items', () => {
    assert.deepEqual(splitList(' a,, b ,'), ['a', 'b'])
    assert.deepEqual(splitList(''), [])
  })
})

function complaintOf(schema: z.ZodType, text: string): string {
  const { error } = schema.safeParse(text)
  assert.ok(error, `"${text}" was accepted.`)
  return error.issues.map(({ message }) => message).join('\n')
}
