import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { exportMethod } from '../../../../../test/support/otlp/export-method.ts'
import { receivedSpans } from '../../../../../test/support/otlp/received-span.ts'
import { exportRequestTags, resourceSpansTags, scopeSpansTags, spanTags } from './fields.ts'
import { ProtobufWriter } from './protobuf-writer.ts'
import {
  encodeAttributeKey,
  encodeAttributes,
  stringAttributeRoom,
  writeStringAttribute,
} from './template.ts'

const path = encodeAttributeKey(spanTags.attributes, 'url.path')

describe('encodeAttributes', () => {
  it('makes a run that can be put among others', () => {
    const run = encodeAttributes(spanTags.attributes, { 'url.scheme': 'http', 'server.port': 80 })

    assert.deepEqual(decoded(run), { 'url.scheme': 'http', 'server.port': 80 })
    assert.deepEqual(decoded(Buffer.concat([run, attribute('/')])), {
      'url.scheme': 'http',
      'server.port': 80,
      'url.path': '/',
    })
  })

  it('is nothing of no attributes', () => {
    assert.equal(encodeAttributes(spanTags.attributes, {}).length, 0)
  })
})

describe('writeStringAttribute', () => {
  it('reads back whatever the length and the characters', () => {
    for (const character of ['x', 'ü', '€']) {
      for (let length = 0; length < 300; length += 1) assertReadsBack(character.repeat(length))
      for (let length = 5400; length < 5500; length += 1) assertReadsBack(character.repeat(length))
      for (const length of [16_360, 16_370, 16_384, 100_000, 699_045, 2_097_100, 2_097_152]) {
        assertReadsBack(character.repeat(length))
      }
    }
    assertReadsBack('🐘'.repeat(30))
  })

  it('has U+FFFD for half a surrogate pair', () => {
    assert.deepEqual(decoded(attribute('a\ud83d')), { 'url.path': 'a\ufffd' })
  })

  it('takes one byte for each length while that is enough', () => {
    assert.equal(attribute('/').length, path.length + 4 + 1)
    assert.equal(attribute('x'.repeat(100)).length, path.length + 4 + 100)
  })

  it('keeps to the room it asks for', () => {
    for (const value of ['', 'x', '€'.repeat(50), 'ü'.repeat(120), '€'.repeat(5461)]) {
      const room = stringAttributeRoom(path, value)
      const buffer = Buffer.alloc(room + 2, 1)
      const end = writeStringAttribute(buffer, 1, path, value)

      assert.ok(end <= room + 1)
      assert.deepEqual(decoded(buffer.subarray(1, end)), { 'url.path': value })
      assert.equal(buffer[0], 1)
      assert.equal(buffer.at(-1), 1)
    }
  })

  it('takes a key of any length', () => {
    const key = 'größe.'.repeat(60)
    const prefix = encodeAttributeKey(spanTags.attributes, key)
    const buffer = Buffer.alloc(stringAttributeRoom(prefix, 'value'))

    const end = writeStringAttribute(buffer, 0, prefix, 'value')

    assert.deepEqual(decoded(buffer.subarray(0, end)), { [key]: 'value' })
  })
})

const buffer = Buffer.allocUnsafe(8_000_000)

/** Over the remains of the one before, which must not show. */
function attribute(value: string): Buffer {
  return buffer.subarray(0, writeStringAttribute(buffer, 0, path, value))
}

function assertReadsBack(value: string): void {
  const { 'url.path': read } = decoded(attribute(value))
  if (read !== value) assert.fail(`${value.length} times ${value[0]} reads differently`)
}

const decode = exportMethod('traces').requestDeserialize

/** As the attributes of the only span of a request. */
function decoded(fields: Buffer): Record<string, unknown> {
  const writer = new ProtobufWriter(fields.length + 64)
  const starts = [
    writer.begin(exportRequestTags.resourceSpans),
    writer.begin(resourceSpansTags.scopeSpans),
    writer.begin(scopeSpansTags.spans),
  ]
  writer.writeEncoded(fields)
  for (const start of starts.toReversed()) writer.end(start)
  return receivedSpans(decode(writer.bytes))[0]?.attributes ?? {}
}
