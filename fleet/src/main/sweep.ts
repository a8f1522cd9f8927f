/** The real sweep: names are resolved, packets are sent. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { parseLeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'
import { resolveEndpoint } from '@timeball/clock/ntp/resolve.ts'
import { sweepNtp } from '@timeball/clock/sweep/sweep.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { ClockAnswer, ClockOutside, ClockTarget } from '../app/clock-outside.ts'
import { leapNoticeOf } from '../core/clock/leap-notice.ts'
import { mapBounded } from '../lib/pool.ts'

export interface ClockOutsideOptions {
  /** For one exchange, and for looking up one name. */
  readonly timeoutMs: number
}

/** With this a thousand servers are asked four times within a second. */
const sendsPerSecond = 5_000

export function clockOutside({ timeoutMs }: ClockOutsideOptions): ClockOutside {
  return {
    async sweepClocks(targets, signal) {
      const found = await resolveAll(targets, timeoutMs, signal)
      const asked = found.flatMap(({ target, address }) =>
        address === null ? [] : [{ ...target, address, key: null }],
      )
      const sweep = await sweepNtp(asked, { timeoutMs, sendsPerSecond, signal })
      const swept = sweep.servers.values()
      const answers = found.map(({ address, detail }): ClockAnswer => {
        const answer = address === null ? undefined : swept.next().value
        return { address, ownRefid: refidOf(address), swept: answer ?? unresolved(detail) }
      })
      return { ...sweep, answers }
    },
    async leapNotice(unixMs) {
      for (const path of leapSecondsFiles) {
        const text = await readFile(path, 'utf8').catch(() => null)
        if (text === null) continue
        const list = parseLeapSeconds(text)
        if (list.ok) return leapNoticeOf(list.value, unixMs)
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

interface Resolved {
  readonly target: ClockTarget
  readonly address: string | null
  readonly detail: string
}

const lookupsAtOnce = 32

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
      ? { target, address: endpoint.value.host, detail: '' }
      : { target, address: null, detail: endpoint.failure.detail }
  })
  for await (const { item, value } of looks) found.set(item, value)
  return targets.map((target) => found.get(target) ?? { target, address: null, detail: 'aborted' })
}

/** RFC 5905 section 7.3: the IPv4 address, or the first four bytes of the MD5 of the IPv6 address. */
function refidOf(address: string | null): string | null {
  if (address === null) return null
  if (!isIPv6(address)) return address
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

function unresolved(detail: string): Swept {
  return {
    result: { ok: false, failure: { code: 'bad-address', detail } },
    sent: 0,
    answered: 0,
    kiss: null,
    stranger: null,
    unsynchronised: null,
    heardSeconds: 0,
  }
}
