import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'

import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core'
import type { TextMapPropagator } from '@opentelemetry/api'

import { callersContextReader } from './callers-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const traceparent = `00-${traceId}-${spanId}-01`
const w3c = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
})

afterEach(() => propagation.disable())

describe('callersContextReader', () => {
  it('knows nobody where no header says so', () => {
    propagation.setGlobalPropagator(w3c)

    assert.deepEqual(callersContextReader('continue')({ host: 'x' }), {
      parent: ROOT_CONTEXT,
      links: [],
    })
  })

  it('continues the trace of the caller, and takes its baggage', () => {
    propagation.setGlobalPropagator(w3c)

    const { parent, links } = callersContextReader('continue')({ traceparent, baggage: 'a=b' })

    assert.partialDeepStrictEqual(trace.getSpanContext(parent), { traceId, spanId, isRemote: true })
    assert.equal(propagation.getBaggage(parent)?.getEntry('a')?.value, 'b')
    assert.deepEqual(links, [])
  })

  it('reads baggage that comes alone', () => {
    propagation.setGlobalPropagator(w3c)

    const { parent } = callersContextReader('continue')({ baggage: 'a=b' })

    assert.equal(propagation.getBaggage(parent)?.getEntry('a')?.value, 'b')
  })

  it('links to the caller where it is not believed', () => {
    propagation.setGlobalPropagator(w3c)

    const { parent, links } = callersContextReader('link')({ traceparent, baggage: 'a=b' })

    assert.equal(parent, ROOT_CONTEXT)
    assert.deepEqual(
      links.map(({ context }) => context.traceId),
      [traceId],
    )
  })

  it('asks a propagator that is another each time: it may read headers that it does not name', () => {
    const other: TextMapPropagator = {
      fields: () => ['other'],
      inject() {},
      extract: (context) => trace.setSpanContext(context, { traceId, spanId, traceFlags: 1 }),
    }
    propagation.setGlobalPropagator(other)

    const { parent } = callersContextReader('continue')({})

    assert.equal(trace.getSpanContext(parent)?.traceId, traceId)
  })
})
