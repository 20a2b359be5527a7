import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { z } from 'zod'

import { openApiDocument } from './openapi.ts'
import { keyValueRoutes } from './routes.ts'
import type { KeyValueStore } from './store.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as {
  openapi: string
  info: { version: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, { examples?: Json[] }> }
}

interface Operation {
  operationId: string
  summary: string
  parameters?: { name: string; in: string; required: boolean }[]
  responses: Record<string, { description: string; content?: Record<string, object> }>
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options']
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  methods.flatMap((method) => {
    const operation = item[method]
    return operation ? [{ path, method, item, operation }] : []
  }),
)

describe('openApiDocument', () => {
  it('describes every route, and no other', () => {
    const store = {} as KeyValueStore
    const routes = keyValueRoutes({ store, podIp: '', version: '1.2.3' }).routes.map(
      ({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    )

    assert.deepEqual(
      operations.map(({ path, method }) => `${method} ${path}`).toSorted(),
      routes.toSorted(),
    )
  })

  it('is OpenAPI 3.1: ids that differ, summaries, responses with a description, parameters of the path', () => {
    const ids = operations.map(({ operation }) => operation.operationId)

    assert.match(document.openapi, /^3\.1\.\d+$/)
    assert.equal(document.info.version, '1.2.3')
    assert.equal(new Set(ids).size, ids.length)
    for (const { path, item, operation } of operations) {
      assert.match(operation.summary, /\.$/)
      for (const [status, response] of Object.entries(operation.responses)) {
        assert.match(status, /^[2-5]\d\d$/)
        assert.ok(response.description, `${path} ${status}`)
        if (Number(status) >= 400) {
          assert.deepEqual(Object.keys(response.content ?? {}), ['application/problem+json'])
        }
      }
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const shared = (item['parameters'] ?? []) as unknown as Operation['parameters'] & object
      const parameters = [...shared, ...(operation.parameters ?? [])]
      assert.deepEqual(
        parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
        named,
      )
      assert.ok(parameters.every(({ required }) => required))
    }
  })

  it('refers only to schemas that it has, and to all of them', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(
      ([, reference = '']) => reference.replace('#/components/schemas/', ''),
    )

    assert.deepEqual(
      [...new Set(references)].toSorted(),
      Object.keys(document.components.schemas).toSorted(),
    )
  })

  it('has schemas that are valid, and examples that they accept', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const validator = z.fromJSONSchema(schema)
      assert.ok(schema.examples?.length, name)
      for (const example of schema.examples) {
        assert.ok(validator.safeParse(example).success, `${name}: ${JSON.stringify(example)}`)
      }
      assert.equal(validator.safeParse(42).success, false, name)
    }
  })

  it('has the schema of a pair that refuses what /set refuses', () => {
    const pair = z.fromJSONSchema(document.components.schemas['Pair'] as never)

    for (const wrong of [{}, { key: 'k' }, { key: '', value: '' }, { key: 1, value: 'v' }, []]) {
      assert.equal(pair.safeParse(wrong).success, false, JSON.stringify(wrong))
    }
  })
})
