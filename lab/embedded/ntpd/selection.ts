/** How a simulated ntpd chooses among its upstream servers. Pure. */
import { selection, unsynchronised, type ClockState, type Source } from './clock-state.ts'

/** One answered poll. */
export interface Sample {
  /** The upstream's time minus the machine's clock: free of our own corrections. */
  readonly rawOffsetSeconds: number
  readonly delaySeconds: number
}

/** An upstream and what was heard of it. */
export interface Upstream {
  readonly association: number
  readonly address: string
  readonly name: string
  /** The last eight polls as bits, newest lowest. */
  readonly reach: number
  /** The newest last; at most eight. */
  readonly samples: readonly Sample[]
  /** What its last usable answer said; `null` before the first, or when it said "no time". */
  readonly said: {
    readonly stratum: number
    readonly refid: string
    readonly rootDelaySeconds: number
    readonly rootDispersionSeconds: number
  } | null
}

export interface Choice {
  readonly state: ClockState
  /** The machine's clock plus this is our time; `null` keeps what it was. */
  readonly correctionSeconds: number | null
}

/** A source farther than this from the middle of three or more is a falseticker. */
const falsetickerSeconds = 0.005

/** The clock filter: of the last eight samples the one with the least delay has the least error. */
function best(upstream: Upstream): Sample | null {
  return upstream.samples.reduce<Sample | null>(
    (low, next) => (low === null || next.delaySeconds < low.delaySeconds ? next : low),
    null,
  )
}

/** Takes the best upstream; without one the clock is unsynchronised. */
export function choose(upstreams: readonly Upstream[], nowUnixNs: bigint): Choice {
  const usable = upstreams.flatMap((upstream) => {
    const sample = best(upstream)
    const { said } = upstream
    if (upstream.reach === 0 || sample === null || said === null || said.stratum >= 15) return []
    return [{ upstream, sample, said }]
  })
  const middle = median(usable.map(({ sample }) => sample.rawOffsetSeconds))
  const truechimers = usable.filter(
    ({ sample }) =>
      usable.length < 3 || Math.abs(sample.rawOffsetSeconds - middle) <= falsetickerSeconds,
  )
  const [chosen] = truechimers.toSorted(
    (one, other) => one.said.stratum - other.said.stratum || distance(one) - distance(other),
  )
  const show = (upstream: Upstream): Source => {
    const isUsable = usable.some((each) => each.upstream === upstream)
    const isTrue = truechimers.some((each) => each.upstream === upstream)
    let choice: Source['selection'] = selection.reject
    if (upstream === chosen?.upstream) choice = selection.sysPeer
    else if (isTrue) choice = selection.candidate
    else if (isUsable) choice = selection.falseticker
    return sourceOf(upstream, chosen?.sample.rawOffsetSeconds ?? 0, choice)
  }
  const sources = upstreams.map(show)
  if (chosen === undefined) return { state: unsynchronised(sources), correctionSeconds: null }

  const { upstream, sample, said } = chosen
  const state: ClockState = {
    leap: 0,
    stratum: said.stratum + 1,
    refid: upstream.address,
    rootDelaySeconds: said.rootDelaySeconds + sample.delaySeconds,
    rootDispersionSeconds: said.rootDispersionSeconds + jitterSeconds(upstream) + 0.0005,
    referenceUnixNs: nowUnixNs,
    peer: upstream.association,
    offsetMs: 0,
    jitterMs: jitterSeconds(upstream) * 1000,
    sources,
  }
  return { state, correctionSeconds: sample.rawOffsetSeconds }
}

function distance({
  sample,
  said,
}: {
  sample: Sample
  said: NonNullable<Upstream['said']>
}): number {
  return (said.rootDelaySeconds + sample.delaySeconds) / 2 + said.rootDispersionSeconds
}

function sourceOf(
  upstream: Upstream,
  correctionSeconds: number,
  choice: Source['selection'],
): Source {
  const sample = best(upstream)
  return {
    association: upstream.association,
    address: upstream.address,
    name: upstream.name,
    refid: upstream.said?.refid ?? 'INIT',
    stratum: upstream.said?.stratum ?? 16,
    reach: upstream.reach,
    offsetMs: sample === null ? 0 : (sample.rawOffsetSeconds - correctionSeconds) * 1000,
    delayMs: (sample?.delaySeconds ?? 0) * 1000,
    jitterMs: jitterSeconds(upstream) * 1000,
    selection: choice,
  }
}

function jitterSeconds(upstream: Upstream): number {
  const sample = best(upstream)
  if (sample === null || upstream.samples.length < 2) return 0
  const squares = upstream.samples.map(
    (each) => (each.rawOffsetSeconds - sample.rawOffsetSeconds) ** 2,
  )
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (squares.length - 1))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
