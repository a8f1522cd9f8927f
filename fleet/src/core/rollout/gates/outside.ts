/** The servers of a sweep as those see them that were not changed. */
import { overlaps, type Interval } from '@timeball/clock/select/intersection.ts'
import { chainOf, sourcesOf } from '../../clock/groups.ts'
import type { ClockJudgement, ClockReport } from '../../clock/server.ts'
import { correctnessInterval, measurementError, type Candidate } from '../../clock/truth.ts'
import type { ClockLook } from './look.ts'
import { medianOf } from './median.ts'

/**
 * Every server of the sweep, by name. `changed`: devices that are in progress. They are no witnesses,
 * nor are those that get their time from them or from the server in question.
 */
export function seeFleet(
  report: ClockReport,
  changed: ReadonlySet<string>,
): ReadonlyMap<string, ClockLook> {
  const witnesses = witnessesOf(report, changed)
  return new Map(
    report.judgements.map((judgement) => [
      judgement.server.name,
      see(judgement, report, witnesses),
    ]),
  )
}

/** One of them; `null`: it is no part of the sweep. */
export function seenFromOutside(
  report: ClockReport,
  device: string,
  changed: ReadonlySet<string>,
): ClockLook | null {
  const judgement = report.judgements.find(({ server }) => server.name === device)
  return judgement === undefined ? null : see(judgement, report, witnessesOf(report, changed))
}

function see(
  judgement: ClockJudgement,
  report: ClockReport,
  witnesses: readonly Witness[],
): ClockLook {
  const { name } = judgement.server
  const own = measuredOf(judgement)
  const interval = own === null ? null : correctnessInterval(own)
  const peers = interval === null ? [] : witnesses.filter(({ sources }) => !sources.has(name))
  const against = peers.filter((peer) => interval !== null && !overlaps(interval, peer.interval))
  return {
    verdict: judgement.verdict,
    ...placeOf(report, judgement, peers),
    stratum: own?.measurement.stratum ?? null,
    votes: report.time.votes,
    peers: peers.length,
    contradicting: against.length,
    faults: judgement.faults,
    notAsked: notAskedOf(judgement),
  }
}

function measuredOf({ server, verdict }: ClockJudgement): Candidate | null {
  const { result } = server.swept
  if (!result.ok || verdict === 'invalid') return null
  return { server, measurement: result.value, vote: null }
}

interface Witness {
  readonly interval: Interval
  readonly offsetSeconds: number
  readonly errorSeconds: number
  /** Whose time it has: itself, its upstream, that one's upstream, … */
  readonly sources: ReadonlySet<string>
}

/** None are needed, nor looked for, where a majority has decided. */
function witnessesOf({ judgements, time }: ClockReport, changed: ReadonlySet<string>): Witness[] {
  if (time.kind === 'decided') return []
  const sourcesOfAll = sourcesOf(judgements.map(({ server }) => server))
  return judgements.flatMap((judgement) => {
    const candidate = measuredOf(judgement)
    if (candidate === null || judgement.verdict === 'falseticker') return []
    const sources = new Set(chainOf(judgement.server, sourcesOfAll).names)
    if (!sources.isDisjointFrom(changed)) return []
    const { offsetSeconds } = candidate.measurement
    const interval = correctnessInterval(candidate)
    return { interval, offsetSeconds, errorSeconds: measurementError(candidate), sources }
  })
}

/** This machine's clock is the scale, never the judge: an offset to it alone says nothing. */
function placeOf(
  report: ClockReport,
  judgement: ClockJudgement,
  peers: readonly Witness[],
): Pick<ClockLook, 'offsetSeconds' | 'errorSeconds'> {
  const { offsetSeconds, errorSeconds } = judgement
  if (report.time.kind === 'decided') return { offsetSeconds, errorSeconds }
  const theirs = medianOf(peers.map((peer) => peer.offsetSeconds))
  const theirError = medianOf(peers.map((peer) => peer.errorSeconds))
  if (offsetSeconds === null || errorSeconds === null || theirs === null || theirError === null) {
    return { offsetSeconds: null, errorSeconds: null }
  }
  return { offsetSeconds: offsetSeconds - theirs, errorSeconds: errorSeconds + theirError }
}

const ourFailures: ReadonlySet<string> = new Set(['local', 'clock-stepped', 'aborted'])

function notAskedOf({ server }: ClockJudgement): string | null {
  const { result } = server.swept
  return !result.ok && ourFailures.has(result.failure.code) ? result.failure.detail : null
}
