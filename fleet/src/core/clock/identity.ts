/** Which of the servers asked are one daemon: one clock has one vote, under however many names. */
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import type { ClockServer } from './server.ts'

/** Stamps of whole seconds are no identity: receivers that set them so all have the same ones. */
const wholeSecond = /0{8}$/

/**
 * For each server the first in the list that is the same daemon; itself when there is none before
 * it. Two are one when they were asked at the same address and port, or when they have a reference
 * timestamp in common, and stratum, refid and time agree: a liar that copies a timestamp cannot
 * take a vote away by contradicting it.
 */
export function daemonsOf(servers: readonly ClockServer[]): ReadonlyMap<ClockServer, ClockServer> {
  const byEndpoint = new Map<string, ClockServer>()
  const byStamp = new Map<string, ClockServer>()
  return new Map(
    servers.map((server) => {
      const endpoint = `${server.address ?? server.name} ${server.port}`
      const same = byEndpoint.get(endpoint) ?? sameByStamp(server, byStamp)
      const daemon = same ?? server
      if (!byEndpoint.has(endpoint)) byEndpoint.set(endpoint, daemon)
      for (const stamp of stampsOf(server.swept))
        if (!byStamp.has(stamp)) byStamp.set(stamp, daemon)
      return [server, daemon]
    }),
  )
}

function stampsOf({ result }: Swept): readonly string[] {
  if (!result.ok) return []
  return result.value.referenceStamps.filter((stamp) => !wholeSecond.test(stamp))
}

function sameByStamp(
  server: ClockServer,
  byStamp: ReadonlyMap<string, ClockServer>,
): ClockServer | null {
  const others = stampsOf(server.swept).flatMap((stamp) => byStamp.get(stamp) ?? [])
  return others.find((other) => compareDaemons(server.swept, other.swept) === 'same') ?? null
}

/** `unknown`: one of the two gave no time, or no reference timestamp that is an identity. */
export type Likeness = 'same' | 'different' | 'unknown'

/** Whether two that were asked at the same time are one daemon. */
export function compareDaemons(one: Swept, other: Swept): Likeness {
  const isUnsynchronised = one.unsynchronised !== null || other.unsynchronised !== null
  if (one.result.ok !== other.result.ok && isUnsynchronised) return 'different'
  if (!one.result.ok || !other.result.ok) return 'unknown'
  if (!isAlike(one.result.value, other.result.value)) return 'different'
  const [mine, theirs] = [stampsOf(one), stampsOf(other)]
  if (mine.length === 0 || theirs.length === 0) return 'unknown'
  return mine.some((stamp) => theirs.includes(stamp)) ? 'same' : 'different'
}

function isAlike(mine: NtpMeasurement, theirs: NtpMeasurement): boolean {
  return (
    mine.stratum === theirs.stratum &&
    mine.refid === theirs.refid &&
    Math.abs(mine.offsetSeconds - theirs.offsetSeconds) <= errorOf(mine) + errorOf(theirs)
  )
}

/** With the drift of this machine's clock between the two measurements. */
function errorOf({ errorSeconds }: NtpMeasurement): number {
  return errorSeconds + 0.001
}
