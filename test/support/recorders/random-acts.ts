import { SpanStatusCode } from '@opentelemetry/api'
import type { Attributes, AttributeValue } from '@opentelemetry/api'

import { ServiceError } from '../../../src/kernel/errors.ts'
import type { Act, Hands } from './parcel-routes.ts'
import { below, chance, charactersOf, generatorOf, hexOf, listOf, pick } from './random.ts'
import type { Random } from './random.ts'

type Deed = (hands: Hands, random: Random) => unknown

const deeds: readonly Deed[] = [
  ({ span }, random) => span.setAttribute(textOf(random), valueOf(random)),
  ({ span }, random) => span.setAttributes(attributesOf(random)),
  ({ span }, random) => span.addEvent(textOf(random), attributesOf(random)),
  ({ span }, random) => span.addEvent(textOf(random), [1_790_000_000, below(random, 1e9)]),
  ({ span }, random) => span.recordException(new RangeError(textOf(random))),
  ({ span }, random) =>
    span.addLink({
      context: { traceId: hexOf(random, 32), spanId: hexOf(random, 16), traceFlags: 1 },
      attributes: attributesOf(random),
    }),
  ({ span }, random) =>
    span.setStatus({
      code: pick(random, [SpanStatusCode.OK, SpanStatusCode.ERROR, SpanStatusCode.UNSET]),
      message: textOf(random),
    }),
  ({ span }, random) => span.updateName(textOf(random)),
  ({ span }, random) => chance(random, 0.2) && span.end(),
  ({ tracer }, random) => tracer.startSpan(textOf(random)).end(),
  ({ logger }, random) => logger.info({ value: valueOf(random) }, textOf(random)),
  ({ logger }, random) => logger.warn(attributesOf(random)),
  ({ record }, random) => record.setRoute(pick(random, ['/a/:b', '/"', undefined, '/x?token=:y'])),
  ({ record }, random) => record.fail(new TypeError(textOf(random))),
  ({ clock }, random) => clock.advance(below(random, 50_000) / 4096),
  ({ clock }, random) => chance(random, 0.05) && clock.advance(10_000),
]

/** A handler that does things of all kinds, the same ones for the same request. */
export function randomAct(seed: number): Act {
  return async (hands) => {
    const random = generatorOf(seed + Number(hands.c.req.header('x-index')))
    if (chance(random, 0.5)) await Promise.resolve()
    const count = chance(random, 0.5) ? 0 : below(random, 6)
    for (let done = 0; done < count; done += 1) pick(random, deeds)(hands, random)
    return answerOf(random)
  }
}

function answerOf(random: Random): Response {
  if (chance(random, 0.05)) throw new TypeError(textOf(random))
  if (chance(random, 0.05)) {
    throw new ServiceError(pick(random, ['conflict', 'unavailable']), 'code', textOf(random))
  }
  const status = pick(random, [200, 200, 200, 201, 204, 302, 404, 500, 503])
  return new Response(status === 204 ? null : 'answer', { status })
}

function attributesOf(random: Random): Attributes {
  return Object.fromEntries(
    listOf(below(random, 4), () => [textOf(random), valueOf(random)] as const),
  )
}

function valueOf(random: Random): AttributeValue {
  const makers: (() => AttributeValue)[] = [
    () => textOf(random),
    () => below(random, 1000),
    () => random() * 1000,
    () => chance(random, 0.5),
    () => listOf(below(random, 4), () => textOf(random)),
    () => listOf(below(random, 4), () => below(random, 10) / 2),
  ]
  return pick(random, makers)()
}

function textOf(random: Random): string {
  const kind = random()
  if (kind < 0.1) return pick(random, ['', 'token', 'url.path', 'http.route', 'x?token=abc'])
  if (kind < 0.8) return charactersOf(random, 1 + below(random, 12), 0x61, 0x7a)
  return charactersOf(random, below(random, 30), 0, 0x7ff)
}
