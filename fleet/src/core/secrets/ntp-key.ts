/**
 * The symmetric key of a time server (AES-CMAC, RFC 8573), made of a secret of any text: so that every
 * store can keep it and every generator make it. Both ends derive the number, too, and none is given out.
 */
import { sha256Hex } from '../hash/sha256.ts'
import { Secret } from './secret.ts'

/** With which a server is asked. */
export const ntpKeyName = 'NTP_KEY_1'
/** What it takes beside that: the next one before anybody uses it, or the one that was used before. */
export const otherNtpKeyNames = ['NEXT_NTP_KEY', 'FORMER_NTP_KEY'] as const

export interface NtpKey {
  /** 1 to 65534: ntpd's own limit is 65535, which the time server keeps for itself. */
  readonly id: number
  /** 16 bytes, in lower-case hex. */
  readonly hex: string
}

const idCount = 65_534

export function ntpKeyOf(secret: Secret): NtpKey {
  const digest = sha256Hex(`ntp key of a device\n${secret.reveal()}`)
  return { hex: digest.slice(0, 32), id: 1 + (Number.parseInt(digest.slice(32, 40), 16) % idCount) }
}

/** As the time server reads it: `ID:KEY`. */
function ntpKeyText(secret: Secret): string {
  const { id, hex } = ntpKeyOf(secret)
  return `${id}:${hex}`
}

/** Lines of a device's `.env`, two of its own at most. `sources`: addresses of members that it follows, with their keys. */
export function ntpKeyLines(
  own: readonly Secret[],
  sources: ReadonlyMap<string, Secret>,
): readonly Secret[] {
  const lines = own.map((key, index) => new Secret(`NTP_KEY_${index + 1}`, ntpKeyText(key)))
  if (sources.size === 0) return lines
  const entries = [...sources].map(([address, key]) => `${address}=${ntpKeyText(key)}`)
  return [...lines, new Secret('NTP_SOURCE_KEYS', entries.join(','))]
}
