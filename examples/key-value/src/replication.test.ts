import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { parseReplication } from './replication.ts'

describe('parseReplication', () => {
  it('reads what a primary says', () => {
    const told = info('role:master', 'connected_slaves:2', 'master_repl_offset:428')

    assert.deepEqual(parseReplication(told), {
      role: 'primary',
      offset: 428,
      replicas: 2,
      linkUp: false,
      everLinked: false,
    })
  })

  it('reads what a replica says, whose own offset is not that of its primary', () => {
    const told = info(
      'role:slave',
      'master_host:redis-primary',
      'master_link_status:up',
      'slave_repl_offset:400',
      'connected_slaves:0',
      'master_repl_offset:428',
    )

    assert.deepEqual(parseReplication(told), {
      role: 'replica',
      offset: 400,
      replicas: 0,
      linkUp: true,
      everLinked: true,
    })
  })

  it('tells a replica that lost its primary from one that never had it', () => {
    const lost = info('role:slave', 'master_link_status:down', 'master_link_down_since_seconds:3')
    const never = info('role:slave', 'master_link_status:down', 'master_link_down_since_seconds:-1')

    assert.equal(parseReplication(lost).everLinked, true)
    assert.equal(parseReplication(never).everLinked, false)
    assert.equal(parseReplication(lost).linkUp, false)
  })
})

function info(...lines: string[]): string {
  return ['# Replication', ...lines, ''].join('\r\n')
}
