/** Ansible's `parse_address` (parsing/utils/addresses.py): a host, with ranges and a port. */

export interface Address {
  readonly host: string
  /** The port after the last colon, `null` without one. */
  readonly port: number | null
}

const bracketed = /^\[(.+)\]:([0-9]+)$/
const withPort = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/

/** No host has a longer name; what is longer is none. */
const longest = 1000

/** `null`: Ansible would not take the text for a host. */
export function parseAddress(text: string): Address | null {
  if (text.length > longest) return null
  let host = text
  let port: number | null = null
  for (const pattern of [bracketed, withPort]) {
    const [, inner, digits] = pattern.exec(host) ?? []
    if (inner === undefined || digits === undefined) continue
    host = inner
    port = Number(digits)
  }
  return isIpv6(host) || isHostname(host) ? { host, port } : null
}

const label =
  /^(?:[\p{L}\p{N}_]|\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\])(?:[\p{L}\p{N}_-]|\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\])*(?<![_-])$/iu

function isHostname(text: string): boolean {
  return text.split('.').every((part) => label.test(part))
}

/** One part of an IPv6 address with the colon after it; the part may be a range. */
const ipv6Part = /(?:[0-9a-f]{1,4}|\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]):/iy
const lastPart = /[0-9a-f]|\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]/iy
const withIpv4 = /^(?:0:){5}(?:0|ffff):(?:[0-9a-f]{1,4}\.){3}[0-9a-f]/i

/** As in Ansible only the beginning counts: `fe80::1%eth0` is one as well. */
function isIpv6(text: string): boolean {
  if (text.startsWith('::') || withIpv4.test(text)) return true
  let parts = 0
  let at = 0
  for (; parts < 7; parts++) {
    ipv6Part.lastIndex = at
    const [found] = ipv6Part.exec(text) ?? []
    if (found === undefined) break
    at += found.length
  }
  lastPart.lastIndex = at
  return parts === 7 ? lastPart.test(text) : parts > 0 && text[at] === ':'
}
