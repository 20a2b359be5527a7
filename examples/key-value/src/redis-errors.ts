import { ServiceError } from 'plainsight/kernel'

import type { RedisFailure } from './redis-failure.ts'

const soon = { 'retry-after': '1' }

// What a server says of itself when it refuses, by the first word.
const refusals: Record<string, { code: string; detail: string }> = {
  OOM: { code: 'store-full', detail: 'The store is full. Nothing was written.' },
  READONLY: {
    code: 'primary-read-only',
    detail: 'The primary has become a replica. Nothing was written.',
  },
  NOREPLICAS: {
    code: 'too-few-replicas',
    detail: 'The primary writes only while it has enough replicas. Nothing was written.',
  },
  MISCONF: {
    code: 'primary-cannot-save',
    detail: 'The primary cannot save to its disk. Nothing was written.',
  },
  LOADING: {
    code: 'primary-loading',
    detail: 'The primary is still loading its data. Nothing was written.',
  },
}

/** Says what is known of the write: that it did not happen, or that nobody can tell. */
export function writeError(cause: RedisFailure): ServiceError {
  switch (cause.outcome) {
    case 'away':
      return unavailable('primary-away', 'The primary is away. Nothing was written.', cause)
    case 'busy':
      return unavailable('primary-busy', 'Too many wait for it. Nothing was written.', cause)
    case 'refused': {
      const { code, detail } = refusals[cause.refusal] ?? {
        code: 'primary-refused',
        detail: 'The primary refused it. Nothing was written.',
      }
      return unavailable(code, detail, cause)
    }
    case 'broke':
      return unavailable(
        'outcome-unknown',
        'The connection to the primary broke: the write may or may not have happened.',
        cause,
      )
    case 'timeout':
      return new ServiceError(
        'timeout',
        'outcome-unknown',
        'The primary did not answer in time: the write may or may not have happened.',
        { cause },
      )
  }
}

export function readError(cause: RedisFailure): ServiceError {
  if (cause.refusal === 'WRONGTYPE') {
    return new ServiceError('conflict', 'not-a-text', 'Something other than a text is there.', {
      cause,
    })
  }
  if (cause.outcome === 'timeout') {
    return new ServiceError('timeout', 'read-timeout', 'No server answered in time.', { cause })
  }
  return unavailable('no-reader', 'No server that may be read from answers.', cause)
}

function unavailable(code: string, detail: string, cause: RedisFailure): ServiceError {
  return new ServiceError('unavailable', code, detail, { cause, headers: soon })
}
