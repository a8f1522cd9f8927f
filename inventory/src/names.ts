/** Names and addresses that come from files, checked before anything is done with them. */

/** What is wrong with a host's or group's name, else `null`. */
export function nameMistake(name: string): string | null {
  if (name === '') return 'is empty'
  if (name.length > 253) return 'is longer than 253 characters'
  if (name === '__proto__') return 'is reserved'
  if (name.startsWith('-')) return 'starts with a dash, which programs take for an option'
  if (name === '.' || name === '..') return 'is a path'
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    return 'may only have letters, digits, dots, dashes and underscores'
  return null
}

/** Whether the text is an IPv4 address, an IPv6 address (with or without zone) or a host name. */
export function isAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text) || isHostname(text)
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return (
    parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  )
}

/** RFC 4291 section 2.2, with the zone of RFC 4007 as in `fe80::1%eth0`. */
function isIpv6(text: string): boolean {
  const [, address] = /^([0-9A-Fa-f:.]{2,45})(?:%[A-Za-z0-9._-]{1,15})?$/.exec(text) ?? []
  if (address === undefined) return false
  // An IPv4 address at the end stands for two groups.
  const [, head, tail] = /^(.*:)([^:]*\..*)$/.exec(address) ?? []
  if (tail !== undefined && !isIpv4(tail)) return false
  const halves = (tail === undefined ? address : `${head}0:0`).split('::')
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length <= 7
}

function isHostname(text: string): boolean {
  if (text.length > 253 || /^[0-9.]+$/.test(text)) return false
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.')
  return labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
}

/** Login names as useradd(8) and directory services make them; never an option. */
export function isUserName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._@\\-]{0,63}\$?$/.test(text)
}

/** A TCP port as Ansible takes it: a number, or its digits as text. `null` when it is none. */
export function readPort(value: unknown): number | null {
  const isDigits = typeof value === 'string' && /^[0-9]{1,5}$/.test(value)
  const port = isDigits ? Number(value) : value
  if (typeof port !== 'number' || !Number.isInteger(port)) return null
  return port >= 1 && port <= 65_535 ? port : null
}
