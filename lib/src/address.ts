/** Addresses: of IP, as host names, and either with a port. */

const ipv6Shape = /^([0-9A-Fa-f:.]{2,45})(?:%[A-Za-z0-9._-]{1,15})?$/

/** Which IP address the text is, an IPv6 one with or without a zone; `null`: none. */
export function ipFamily(text: string): 4 | 6 | null {
  if (isIpv4(text)) return 4
  return isIpv6(text) ? 6 : null
}

/** Whether the text is an IP address or a host name. */
export function isAddress(text: string): boolean {
  return ipFamily(text) !== null || isHostName(text)
}

/** RFC 1123 section 2.1, with the underscore that DNS has in practice, and with or without a last dot. */
export function isHostName(text: string): boolean {
  if (text.length > 253 || /^[0-9.]+$/.test(text)) return false
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.')
  return labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
}

export interface HostPort {
  /** Without brackets. */
  readonly host: string
  /** 1 to 65,535; `null`: not said. */
  readonly port: number | null
}

/** `HOST`, `HOST:PORT`, an IPv6 address, `[IPv6]` or `[IPv6]:PORT`; `null` for anything else. */
export function parseHostPort(text: string): HostPort | null {
  if (ipFamily(text) === 6) return { host: text, port: null }
  const [, inner, name, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = inner ?? name ?? ''
  if (inner === undefined ? !isAddress(host) : ipFamily(host) !== 6) return null
  const port = digits === undefined ? null : Number(digits)
  return port === null || isPort(port) ? { host, port } : null
}

/** `host:port`, with an IPv6 address in brackets as URLs have it. */
export function formatHostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Whether it is the number of a port of TCP and UDP that can be asked. */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return (
    parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  )
}

const localIpv4 =
  /^(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./

/**
 * Whether an IPv4 address is of a network of one's own: RFC 1918, RFC 6598 (tunnels use it),
 * link-local or loopback.
 */
export function isLocalIpv4(address: string): boolean {
  return localIpv4.test(address)
}

/** RFC 4291 section 2.2, with the zone of RFC 4007 as in `fe80::1%eth0`. */
function isIpv6(text: string): boolean {
  const [, address] = ipv6Shape.exec(text) ?? []
  if (address === undefined) return false
  // An IPv4 address at the end stands for two groups.
  const tail = address.slice(address.lastIndexOf(':') + 1)
  const endsInIpv4 = tail.includes('.')
  if (endsInIpv4 && !isIpv4(tail)) return false
  const halves = (endsInIpv4 ? `${address.slice(0, -tail.length)}0:0` : address).split('::')
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length <= 7
}
