import { ServiceError } from 'plainsight/kernel'

export function unknownKey(key: string): ServiceError {
  return new ServiceError('not-found', 'unknown-key', `No value is stored under "${key}".`)
}
