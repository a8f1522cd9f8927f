/** Fleets at random, of which the truth is known: the true time is 0 on the scale of the sweep. */
import { clockServer, measured } from './servers.ts'
import type { ClockServer } from '../server.ts'

export type Random = () => number

/** Mulberry32: the same seed gives the same fleets. */
export function randomOf(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random()
}

export function count(random: Random, low: number, high: number): number {
  return Math.floor(between(random, low, high + 1))
}

/** A server, and how far its clock really is ahead. */
export interface Known {
  readonly server: ClockServer
  readonly aheadSeconds: number
  readonly isHonest: boolean
  readonly isPrecise: boolean
}

interface Clock {
  /** How far off it is, and what it reports itself within. */
  readonly aheadSeconds: number
  readonly boundSeconds: number
  readonly isHonest: boolean
}

export function honestClock(random: Random, isPrecise: boolean): Clock {
  const boundSeconds = isPrecise ? between(random, 0.0002, 0.003) : between(random, 0.01, 0.2)
  return { aheadSeconds: between(random, -1, 1) * boundSeconds, boundSeconds, isHonest: true }
}

/** Farther off than it claims: at `aheadSeconds`, and never within `awaySeconds` of the truth. */
export function lyingClock(random: Random, aheadSeconds: number, awaySeconds: number): Clock {
  const most = Math.max(0.0002, Math.abs(aheadSeconds) - awaySeconds)
  return {
    aheadSeconds,
    boundSeconds: between(random, 0.0002, Math.min(0.2, most)),
    isHonest: false,
  }
}

interface Place {
  readonly name: string
  readonly stratum: number
  readonly refid: string
  readonly ownRefids: readonly string[]
  readonly stamp: string
}

/** As it is measured over a network of its own: the error of an offset is half of the delay at most. */
export function measure(random: Random, clock: Clock, place: Place): Known {
  const { aheadSeconds, boundSeconds, isHonest } = clock
  const delaySeconds =
    random() < 0.8 ? between(random, 0.0002, 0.002) : between(random, 0.002, 0.06)
  const share = random()
  const rootDelaySeconds = place.stratum === 1 ? 0 : boundSeconds * share
  const rootDispersionSeconds = boundSeconds - rootDelaySeconds / 2
  const swept = measured({
    offsetSeconds: aheadSeconds + (between(random, -1, 1) * delaySeconds) / 2,
    delaySeconds,
    errorSeconds: delaySeconds / 2 + 0.0002,
    rootDelaySeconds,
    rootDispersionSeconds,
    rootDistanceSeconds: boundSeconds + delaySeconds / 2 + 0.0002,
    stratum: place.stratum,
    refid: place.refid,
    referenceStamps: [place.stamp],
  })
  const isPrecise = boundSeconds + delaySeconds / 2 < 0.004
  const role = place.stratum === 1 ? 'stratum1' : 'stratum2'
  const { name, ownRefids } = place
  const server = clockServer(name, { address: name, role, ownRefids, swept })
  return { server, aheadSeconds, isHonest, isPrecise }
}

let stamps = 1

function nextStamp(): string {
  stamps += 1
  return stamps.toString(16).padStart(16, '0')
}

const refids = new Map<string, string>()

/** A refid for a name, as an IPv4 address or a hash of an IPv6 address looks. */
export function refidFor(name: string): string {
  const known = refids.get(name)
  if (known !== undefined) return known
  const index = refids.size
  const refid = `${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.7`
  refids.set(name, refid)
  return refid
}

/** One daemon, sometimes listed twice, with followers that name either of its two addresses. */
export function family(
  random: Random,
  name: string,
  clock: Clock,
  followers: readonly Clock[],
): Known[] {
  // A source that is in the fleet, or one that only its followers know.
  const isSwept = followers.length < 2 || random() < 0.7
  const ownRefids = [refidFor(`4 ${name}`), refidFor(`6 ${name}`)]
  const stratum = random() < 0.8 ? 1 : 2
  const place = {
    stratum,
    refid: stratum === 1 ? 'GPS' : refidFor(`elsewhere ${name}`),
    ownRefids,
    stamp: nextStamp(),
  }
  const itself = isSwept ? [measure(random, clock, { ...place, name })] : []
  const isTwice = isSwept && random() < 0.2
  const again = isTwice ? [measure(random, clock, { ...place, name: `${name}-again` })] : []
  return [
    ...itself,
    ...again,
    ...followers.map((follower, index) => {
      const refid = ownRefids[isSwept ? count(random, 0, 1) : 0] ?? ''
      const own = `${name}-f${index}`
      return measure(random, follower, {
        name: own,
        stratum: stratum + 1,
        refid,
        ownRefids: [refidFor(`4 ${own}`)],
        stamp: nextStamp(),
      })
    }),
  ]
}
