/**
 * The symmetric keys of ntpd (AES-CMAC, RFC 8573): those that it takes from its clients, and those with
 * which it asks its sources. They come from the keys' file beside the API keys. Pure.
 *
 * ntpd reads them when it starts: told to read them again, ntpsec 1.2.3 ends, since it still holds the
 * key that signed the order. So other keys are another start.
 *
 * INVARIANT: no key is in a message or a log; ntpd reads them from a file of its own.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'

export interface NtpKey {
  /** 1 to 65535. */
  readonly id: number
  /** 16 bytes, in lower-case hex. */
  readonly hex: string
}

export interface NtpKeys {
  /** `NTP_KEY_1` and, while keys are rotated, `NTP_KEY_2`: both are taken. */
  readonly own: readonly NtpKey[]
  /** By address, as `NTP_SERVERS` has it; sources without one are asked without. */
  readonly sources: ReadonlyMap<string, NtpKey>
}

export const noNtpKeys: NtpKeys = { own: [], sources: new Map() }

const maxId = 65_535

const ownNames = ['NTP_KEY_1', 'NTP_KEY_2'] as const
const sourcesName = 'NTP_SOURCE_KEYS'

/** `variables`: lines of the keys' file. Fails with sentences that name variables and no values. */
export function readNtpKeys(
  variables: Readonly<Record<string, string | undefined>>,
): Result<NtpKeys, readonly string[]> {
  const problems: string[] = []
  const take = (name: string, text: string): readonly NtpKey[] => {
    const [, id = '0', hex = ''] = /^(\d{1,5}):([0-9a-f]{32})$/.exec(text) ?? []
    const isGood = Number(id) >= 1 && Number(id) <= maxId && hex !== ''
    if (!isGood) problems.push(`${name} must be ID:KEY, a number and 32 hexadecimal digits`)
    return isGood ? [{ id: Number(id), hex }] : []
  }
  const own = ownNames.flatMap((name) => {
    const text = variables[name] ?? ''
    return text === '' ? [] : take(name, text)
  })
  const sources = new Map<string, NtpKey>()
  for (const entry of (variables[sourcesName] ?? '').split(',').filter((text) => text !== '')) {
    const equals = entry.lastIndexOf('=')
    const [key] = take(sourcesName, entry.slice(equals + 1))
    if (key !== undefined) sources.set(entry.slice(0, equals), key)
  }
  return problems.length === 0 ? ok({ own, sources }) : fail(problems)
}

/** Each once: a source may have the key that this server has itself. */
function allKeys({ own, sources }: NtpKeys): readonly NtpKey[] {
  return [...new Map([...own, ...sources.values()].map((key) => [key.id, key])).values()]
}

/** `ntp.keys`. */
export function formatNtpKeys(keys: NtpKeys): string {
  return allKeys(keys)
    .map(({ id, hex }) => `${id} AES ${hex}\n`)
    .join('')
}

/** Lines of ntp.conf. A key that is in the file and not trusted is not taken. */
export function keyLines(keys: NtpKeys, file: string): readonly string[] {
  return [
    `keys ${file}`,
    `trustedkey ${allKeys(keys)
      .map(({ id }) => id)
      .join(' ')}`,
  ]
}
