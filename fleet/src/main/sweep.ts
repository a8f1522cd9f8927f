/** The real sweep: names are resolved, packets are sent. */
import { readFile } from 'node:fs/promises'
import { parseLeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'
import type { NtpFailure } from '@timeball/clock/ntp/measurement.ts'
import { resolveEndpoint } from '@timeball/clock/ntp/resolve.ts'
import type { SymmetricKey } from '@timeball/clock/sweep/message-code.ts'
import { parseKey } from '@timeball/clock/sweep/parse-keys.ts'
import { sweepNtp } from '@timeball/clock/sweep/sweep.ts'
import { unasked } from '../app/clock-servers.ts'
import type { ClockAnswer, ClockWorld, ClockTarget } from '../ports/clock-world.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { mapBounded } from '@timeball/lib/pool.ts'

export interface ClockWorldOptions {
  /** For one exchange, and for looking up one name. */
  readonly timeoutMs: number
  /** File and id of the symmetric key for devices; `null` is without. */
  readonly key: { readonly file: string; readonly id: number } | null
  /** Where each device has a key of its own; the failure is a sentence. */
  readonly keyOf?: ((device: string) => Promise<Result<SymmetricKey, string>>) | undefined
}

/** With this a thousand servers are asked four times within a second. */
const sendsPerSecond = 8_000

export function clockWorld({ timeoutMs, key, keyOf }: ClockWorldOptions): ClockWorld {
  return {
    nowUnixMs: () => Date.now(),
    standings: new Map(),
    async sweepClocks(targets, signal) {
      const secret = await readKey(key)
      const resolved = await resolveAll(targets, timeoutMs, signal)
      const found = await Promise.all(
        resolved.map(async (each) => {
          const { device } = each.target
          return device === undefined || keyOf === undefined
            ? withKey(each, secret)
            : withKey(each, await keyOf(device))
        }),
      )
      const asked = found.flatMap(({ target, address, key }) =>
        address === null ? [] : [{ ...target, address, key }],
      )
      const sweep = await sweepNtp(asked, { timeoutMs, sendsPerSecond, signal })
      const swept = sweep.servers.values()
      const answers = found.map(({ address, addresses, failure }): ClockAnswer => {
        const answer = address === null ? undefined : swept.next().value
        return { address, addresses, swept: answer ?? unasked(failure, null).swept }
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
  readonly addresses: readonly string[]
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
      ? { target, address: endpoint.value.host, addresses: endpoint.value.hosts, failure: aborted }
      : { ...unresolved(target), failure: endpoint.failure }
  })
  for await (const { item, value } of looks) found.set(item, value)
  return targets.map((target) => found.get(target) ?? unresolved(target))
}

function unresolved(target: ClockTarget): Resolved {
  return { target, address: null, addresses: [], failure: aborted }
}
