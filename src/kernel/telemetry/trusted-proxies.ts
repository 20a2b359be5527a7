import { BlockList, isIP } from 'node:net'

import { z } from 'zod'

import { splitList } from '../environment-values.ts'

/** The peers whose `X-Forwarded-*` headers are believed: addresses and CIDR ranges, separated by commas. */
export function trustedProxies() {
  return z.string().transform((text, context) => {
    const networks = new BlockList()
    for (const network of splitList(text)) {
      if (!addNetwork(networks, network)) {
        context.addIssue(
          `expected IP addresses or CIDR ranges separated by commas, got "${network}"`,
        )
      }
    }
    return networks
  })
}

function addNetwork(networks: BlockList, network: string): boolean {
  const [address = '', prefix, ...rest] = network.split('/')
  const family = familyOf(address)
  if (family === undefined || rest.length > 0) return false
  if (prefix === undefined) {
    networks.addAddress(address, family)
    return true
  }
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 'ipv4' ? 32 : 128)) return false
  networks.addSubnet(address, Number(prefix), family)
  return true
}

export function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}
