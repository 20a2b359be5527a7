import { busyLines } from './answers.ts'
import type { Tools } from './tools.ts'

/** `GET /busy`: three log lines, one child span, one outgoing request inside it. */
export async function beBusy({ log, inChildSpan, upstreamUrl }: Tools): Promise<string> {
  const [first = '', second = '', third = ''] = busyLines
  log(first)
  const text = await inChildSpan(async () => {
    log(second)
    const answer = await fetch(upstreamUrl)
    return answer.text()
  })
  log(third)
  return text
}
