/** The real sweep: names are resolved, packets are sent. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ipFamily } from '@timeball/lib/address.ts'
import { parseLeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'
import type { NtpFailure } from '@timeball/clock/ntp/measurement.ts'
import { resolveEndpoint } from '@timeball/clock/ntp/resolve.ts'
import type { SymmetricKey } from '@timeball/clock/sweep/message-code.ts'
import { parseKey } from '@timeball/clock/sweep/parse-keys.ts'
import { sweepNtp } from '@timeball/clock/sweep/sweep.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { ClockAnswer, ClockWorld, ClockTarget } from '../ports/clock-world.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { mapBounded } from '@timeball/lib/pool.ts'

export interface ClockWorldOptions {
  /** For one exchange, and for looking up one name. */
  readonly timeoutMs: number
  /** File and id of the symmetric key for devices; `null` is without. */
  readonly key: { readonly file: string; readonly id: number } | null
}

/** With this a thousand servers are asked four times within a second. */
const sendsPerSecond = 8_000

export function clockWorld({ timeoutMs, key }: ClockWorldOptions): ClockWorld {
  return {
    async sweepClocks(targets, signal) {
      const secret = await readKey(key)
      const resolved = await resolveAll(targets, timeoutMs, signal)
      const found = resolved.map((each) => withKey(each, secret))
      const asked = found.flatMap(({ target, address, key }) =>
        address === null ? [] : [{ ...target, address, key }],
      )
      const sweep = await sweepNtp(asked, { timeoutMs, sendsPerSecond, signal })
      const swept = sweep.servers.values()
      const answers = found.map(({ address, failure }): ClockAnswer => {
        const answer = address === null ? undefined : swept.next().value
        return { address, ownRefid: refidOf(address), swept: answer ?? notAsked(failure) }
      })
      return { ...sweep, answers }
    },
    async leapSeconds() {
      for (const path of leapSecondsFiles) {
        const text = await readFile(path, 'utf8').catch(() => null)
        if (text === null) continue
        const list = parseLeapSeconds(text)
        if (list.ok) return list.value
      }
      return null
    },
  }
}

/** Where Debian's tzdata keeps the list, new and old. */
const leapSecondsFiles = [
  '/usr/share/zoneinfo/leap-seconds.list',
  '/usr/share/zoneinfo/right/leap-seconds.list',
]

type KeyResult = Result<SymmetricKey | null, string>

/** Without its key a fleet is not measured in another way than it is configured to be. */
async function readKey(key: ClockWorldOptions['key']): Promise<KeyResult> {
  if (key === null) return ok(null)
  const text = await readFile(key.file, 'utf8').catch(() => null)
  const read = text === null ? fail('it cannot be read') : parseKey(text, key.id)
  return read.ok ? read : fail(`NTP key file ${key.file}: ${read.failure}`)
}

interface Resolved {
  readonly target: ClockTarget
  /** `null`: it is not asked, because of `failure`. */
  readonly address: string | null
  readonly failure: NtpFailure
}

interface Askable extends Resolved {
  readonly key: SymmetricKey | null
}

function withKey(resolved: Resolved, key: KeyResult): Askable {
  if (!resolved.target.isSigned) return { ...resolved, key: null }
  if (key.ok) return { ...resolved, key: key.value }
  return { ...resolved, address: null, key: null, failure: { code: 'local', detail: key.failure } }
}

const lookupsAtOnce = 32
const aborted: NtpFailure = { code: 'aborted', detail: 'aborted before it was asked' }

async function resolveAll(
  targets: readonly ClockTarget[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Resolved[]> {
  const found = new Map<ClockTarget, Resolved>()
  const pool = { limit: lookupsAtOnce, signal }
  const looks = mapBounded(targets, pool, async (target) => {
    const endpoint = await resolveEndpoint({ address: target.address, timeoutMs, signal })
    return endpoint.ok
      ? { target, address: endpoint.value.host, failure: aborted }
      : { target, address: null, failure: endpoint.failure }
  })
  for await (const { item, value } of looks) found.set(item, value)
  return targets.map((target) => found.get(target) ?? { target, address: null, failure: aborted })
}

/** RFC 5905 section 7.3: the IPv4 address, or the first four bytes of the MD5 of the IPv6 address. */
function refidOf(address: string | null): string | null {
  if (address === null) return null
  if (ipFamily(address) !== 6) return address
  return [...createHash('md5').update(ipv6Bytes(address)).digest().subarray(0, 4)].join('.')
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

function notAsked(failure: NtpFailure): Swept {
  return {
    result: { ok: false, failure },
    sent: 0,
    answered: 0,
    kiss: null,
    stranger: null,
    unsynchronised: null,
    heardSeconds: 0,
  }
}
