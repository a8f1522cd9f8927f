/** How its followers name a server in their reference identifier (RFC 5905 section 7.3). */
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { formatRefid } from './refid.ts'

const mappedIpv4 = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i

/**
 * The IPv4 address, or the first four bytes of the MD5 of the IPv6 address, as `formatRefid` writes
 * them. `address` is an IP address.
 */
export function addressRefid(address: string): string {
  const ipv4 = mappedIpv4.exec(address)?.groups?.['ipv4'] ?? address
  if (!isIPv6(ipv4)) return ipv4
  const digest = createHash('md5').update(ipv6Bytes(address)).digest()
  return formatRefid(digest.readUInt32BE(), 2)
}

/** The URL parser writes every IPv6 address in hexadecimal groups with at most one gap. */
function ipv6Bytes(address: string): Uint8Array {
  const [bare = ''] = address.split('%')
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [head = [], tail = []] = short.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16))
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]))
}
