/** The reference identifier of a packet, and what it says about where a server's time comes from. */

/**
 * As text that is safe to print. Stratum 0 and 1 send four ASCII characters (`GPS`, `RATE`); from
 * stratum 2 on it is the IPv4 address of the upstream, or four bytes of a hash of its IPv6 address,
 * which cannot be told apart (RFC 5905 section 7.3). Servers that follow a reference clock at a
 * higher stratum send its name there, too, and chrony's `local stratum 1` sends 127.127.1.1.
 */
export function formatRefid(refid: number, stratum: number): string {
  const bytes = [refid >>> 24, (refid >>> 16) & 255, (refid >>> 8) & 255, refid & 255]
  const text = textOf(bytes)
  if (stratum >= 2) return text !== null && isName(text) ? text : bytes.join('.')
  if (text !== null) return text
  return stratum === 1 ? bytes.join('.') : bytes.filter(Boolean).map(printableOf).join('')
}

/** `null`: not wholly printable, or with a gap. */
function textOf(bytes: readonly number[]): string | null {
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1
  const used = bytes.slice(0, end)
  return used.every((byte) => byte > 0x20 && byte < 0x7f) ? String.fromCharCode(...used) : null
}

function printableOf(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?'
}

/** Any four letters could be an address; these are names (RFC 5905 figures 12 and 13, ntpsec). */
const fourLetters: ReadonlySet<string> = new Set([
  'ACTS',
  'DENY',
  'GNSS',
  'GOES',
  'INIT',
  'IRIG',
  'LOCL',
  'LORC',
  'NIST',
  'NMEA',
  'RATE',
  'RSTR',
  'SOCK',
  'STEP',
  'USNO',
  'WWVB',
  'WWVH',
  'XFAC',
])

function isName(text: string): boolean {
  return /^[A-Z][A-Z0-9]{1,2}$/.test(text) || fourLetters.has(text)
}

/**
 * Whether a reference is the server's own undisciplined clock: the LOCAL driver (`LOCL`, which
 * is 76.79.67.76 where it is taken for an address, 127.127.1.x), or orphan mode (127.0.0.1). Such a
 * server agrees with nobody but itself.
 */
export function isLocalReference(refid: string): boolean {
  return /^\.?LOCL?\.?$|^LOCAL\(|^127\.127\.1\.\d+$|^127\.0\.0\.1$|^76\.79\.67\.76$/.test(refid)
}

/** Whether it is a reference clock of the server's own: a name, or an address of ntpd's drivers. */
export function isReferenceClock(refid: string): boolean {
  return !isLocalReference(refid) && (/^127\.127\.\d+\.\d+$/.test(refid) || !/^[\d.]+$/.test(refid))
}
