/** The judgement on every server of one sweep. Pure: the same sweep gives the same words. */
import type { NtpFailureCode } from '@timeball/clock/ntp/measurement.ts'
import { overlaps } from '@timeball/clock/select/intersection.ts'
import { faultsOf } from './faults.ts'
import { chainOf, sourcesOf, voteOf, type Chain } from './groups.ts'
import type { JudgeOptions } from './fault-input.ts'
import { leapMajority } from './leap.ts'
import type { ClockJudgement, ClockReport, ClockServer, ClockVerdict, FleetTime } from './server.ts'
import { decideTime } from './truth.ts'
import { correctnessInterval, measurementError, votesOf, type Candidate } from './votes.ts'

/** Clients reject a server beyond this (ntpd's MAXDIST). */
const rejectedDistanceSeconds = 1.5

export function judgeClocks(servers: readonly ClockServer[], options: JudgeOptions): ClockReport {
  const sources = sourcesOf(servers)
  const chains = new Map(servers.map((server) => [server, chainOf(server, sources)]))
  const candidates = new Map(
    servers.flatMap((server) => {
      const candidate = candidateOf(server, chains.get(server))
      return candidate === null ? [] : [[server, candidate] as const]
    }),
  )
  const votes = votesOf([...candidates.values()])
  const time = decideTime(votes, candidates.size)
  const dissenters = new Set(votes.flatMap((vote) => vote.dissenters))
  const leap = leapMajority([...candidates.values()])
  const rivals = rivalsOf([...candidates.values()], time)
  const judgements = servers.map((server): ClockJudgement => {
    const candidate = candidates.get(server) ?? null
    const chain = chains.get(server) ?? chainOf(server, sources)
    const source = sources.get(server) ?? { kind: 'unknown' }
    const contradicts = candidate === null ? [] : rivals(candidate)
    const verdict =
      candidate === null
        ? unusableVerdict(server)
        : chain.end.kind === 'local'
          ? 'unsynchronised'
          : contradicts.length > 0
            ? 'undecidable'
            : verdictOf(candidate, time, dissenters)
    const place = { verdict, ...placeOf(server, candidate, time) }
    const faults = faultsOf({ server, ...place, time, leap, chain, source, contradicts, options })
    return { server, ...place, group: candidate?.vote ?? null, faults }
  })
  return { time, judgements }
}

function candidateOf(server: ClockServer, chain: Chain | undefined): Candidate | null {
  const { result } = server.swept
  if (!result.ok || chain === undefined) return null
  if (result.value.rootDistanceSeconds >= rejectedDistanceSeconds) return null
  const isRoot = chain.root === server
  return { server, measurement: result.value, vote: voteOf(chain), isRoot }
}

/**
 * Where most votes meet in several places, who is not in all of them contradicts another one, and
 * one of the two is wrong, although the rest agrees with both. Gives the names of those.
 */
function rivalsOf(
  candidates: readonly Candidate[],
  time: FleetTime,
): (candidate: Candidate) => readonly string[] {
  if (time.kind === 'undecidable' || time.places.length === 1) return () => []
  const partial = new Map(
    candidates.flatMap((each) => {
      const interval = correctnessInterval(each)
      const isPartial = time.places.some((place) => !overlaps(interval, place))
      return isPartial && each.vote !== null && overlaps(interval, time) ? [[each, interval]] : []
    }),
  )
  return (candidate) => {
    const own = partial.get(candidate)
    if (own === undefined) return []
    const rivals = [...partial].filter(([, interval]) => !overlaps(own, interval))
    return rivals.map(([{ server }]) => server.name)
  }
}

/** What a failed measurement says about the server. */
export const failureVerdicts = {
  unsynchronised: 'unsynchronised',
  bogus: 'invalid',
  'no-answer': 'unreachable',
  refused: 'unreachable',
  unreachable: 'unreachable',
  // It could not be asked, so nothing is known about it.
  kiss: 'undecidable',
  'bad-address': 'undecidable',
  local: 'undecidable',
  'clock-stepped': 'undecidable',
  aborted: 'undecidable',
} as const satisfies Record<NtpFailureCode, ClockVerdict>

function unusableVerdict({ swept }: ClockServer): ClockVerdict {
  if (swept.result.ok || swept.stranger !== null) return 'invalid'
  return failureVerdicts[swept.result.failure.code]
}

/** Who contradicts most of those with the same source is wrong, whoever else is right. */
function verdictOf(
  candidate: Candidate,
  time: FleetTime,
  dissenters: ReadonlySet<Candidate>,
): ClockVerdict {
  if (time.kind === 'decided') {
    return overlaps(correctnessInterval(candidate), time) ? 'truechimer' : 'falseticker'
  }
  return dissenters.has(candidate) ? 'falseticker' : 'undecidable'
}

/** Measured, even when it is too far from any reference to be used. */
function placeOf(
  { swept }: ClockServer,
  candidate: Candidate | null,
  time: FleetTime,
): Pick<ClockJudgement, 'offsetSeconds' | 'errorSeconds'> {
  if (!swept.result.ok) return { offsetSeconds: null, errorSeconds: null }
  const { offsetSeconds, errorSeconds } = swept.result.value
  const error = candidate === null ? errorSeconds : measurementError(candidate)
  if (time.kind === 'undecidable') return { offsetSeconds, errorSeconds: error }
  return {
    offsetSeconds: offsetSeconds - time.centre,
    errorSeconds: error + time.centreError,
  }
}
