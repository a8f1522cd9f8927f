/** Who a client is, as far as limits go. Pure. */
import { isIPv6 } from 'node:net'

export interface Network {
  /** An IPv4 address, or the first 64 bits of an IPv6 one: whoever has one of these has all of them. */
  readonly network: string
  readonly isLoopback: boolean
}

/** `address` as a socket tells it. */
export function networkOf(address: string): Network {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  if (!isIPv6(plain)) return { network: plain, isLoopback: plain.startsWith('127.') }
  return { network: first64Of(plain), isLoopback: plain === '::1' }
}

function first64Of(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length
  const zeros = tail === undefined ? 0 : 8 - groups.length - after
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...(tail?.split(':') ?? [])]
  return `${all.slice(0, 4).join(':')}::/64`
}
