import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { familyOf, trustedProxies } from './trusted-proxies.ts'

describe('trustedProxies', () => {
  it('takes single addresses of both families', () => {
    const networks = trustedProxies().parse('192.0.2.1, 2001:db8::1')

    assert.ok(networks.check('192.0.2.1'))
    assert.ok(!networks.check('192.0.2.2'))
    assert.ok(networks.check('2001:db8::1', 'ipv6'))
    assert.ok(!networks.check('2001:db8::2', 'ipv6'))
  })

  it('takes CIDR ranges of both families', () => {
    const networks = trustedProxies().parse('10.0.0.0/8,2001:db8::/32')

    assert.ok(networks.check('10.255.0.1'))
    assert.ok(!networks.check('11.0.0.1'))
    assert.ok(networks.check('2001:db8:ffff::1', 'ipv6'))
    assert.ok(!networks.check('2001:db9::1', 'ipv6'))
  })

  it('takes the widest and the narrowest range', () => {
    const networks = trustedProxies().parse('0.0.0.0/0,2001:db8::1/128')

    assert.ok(networks.check('203.0.113.7'))
    assert.ok(networks.check('2001:db8::1', 'ipv6'))
    assert.ok(!networks.check('2001:db8::2', 'ipv6'))
  })

  it('refuses names, and says which entry is wrong', () => {
    assert.deepEqual(complaintsAbout('10.0.0.1,proxy.internal'), [
      'expected IP addresses or CIDR ranges separated by commas, got "proxy.internal"',
    ])
  })

  it('lists every entry that is wrong', () => {
    assert.equal(complaintsAbout('a,10.0.0.1,b').length, 2)
  })

  it('refuses prefixes that do not fit the family', () => {
    assert.match(complaintsAbout('10.0.0.0/33').join(), /got "10.0.0.0\/33"/)
    assert.match(complaintsAbout('2001:db8::/129').join(), /got "2001:db8::\/129"/)
  })

  it('refuses prefixes that are no number', () => {
    assert.match(complaintsAbout('10.0.0.0/').join(), /got "10.0.0.0\/"/)
    assert.match(complaintsAbout('10.0.0.0/-1').join(), /got "10.0.0.0\/-1"/)
    assert.match(complaintsAbout('10.0.0.0/8/8').join(), /got "10.0.0.0\/8\/8"/)
    assert.match(complaintsAbout('10.0.0.0/255.0.0.0').join(), /got "10.0.0.0\/255.0.0.0"/)
  })

  it('refuses incomplete addresses', () => {
    assert.match(complaintsAbout('10.0/16').join(), /got "10.0\/16"/)
  })
})

describe('familyOf', () => {
  it('tells IPv4, IPv6 and what is neither', () => {
    assert.equal(familyOf('192.0.2.1'), 'ipv4')
    assert.equal(familyOf('::1'), 'ipv6')
    assert.equal(familyOf('localhost'), undefined)
    assert.equal(familyOf(''), undefined)
  })
})

function complaintsAbout(text: string): string[] {
  return (trustedProxies().safeParse(text).error?.issues ?? []).map(({ message }) => message)
}
