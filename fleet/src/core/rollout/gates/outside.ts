/** One device of a sweep as the servers see it that were not changed. */
import { overlaps } from '@timeball/clock/select/intersection.ts'
import { chainOf, sourcesOf } from '../../clock/groups.ts'
import type { ClockJudgement, ClockReport } from '../../clock/server.ts'
import { correctnessInterval, measurementError, type Candidate } from '../../clock/truth.ts'
import type { ClockLook } from './look.ts'
import { medianOf } from './median.ts'

/**
 * `changed`: devices that are in motion. They are no witnesses, nor are those that get their time
 * from them or from this device. `null`: it is no part of the sweep.
 */
export function seenFromOutside(
  report: ClockReport,
  device: string,
  changed: ReadonlySet<string>,
): ClockLook | null {
  const judgement = report.judgements.find(({ server }) => server.name === device)
  if (judgement === undefined) return null
  const own = measuredOf(judgement)
  const peers = own === null ? [] : witnessesOf(report, device, changed)
  return {
    verdict: judgement.verdict,
    ...placeOf(report, judgement, peers),
    stratum: own?.measurement.stratum ?? null,
    votes: report.time.votes,
    peers: peers.length,
    contradicting: peers.filter((peer) => own !== null && contradicts(own, peer)).length,
    faults: judgement.faults,
    notAsked: notAskedOf(judgement),
  }
}

function measuredOf({ server, verdict }: ClockJudgement): Candidate | null {
  const { result } = server.swept
  if (!result.ok || verdict === 'invalid') return null
  return { server, measurement: result.value, vote: null }
}

function witnessesOf(
  { judgements }: ClockReport,
  device: string,
  changed: ReadonlySet<string>,
): Candidate[] {
  const sources = sourcesOf(judgements.map(({ server }) => server))
  return judgements.flatMap((judgement) => {
    const { server, verdict } = judgement
    const isFed = chainOf(server, sources).names.some(
      (name) => name === device || changed.has(name),
    )
    if (isFed || verdict === 'falseticker') return []
    return measuredOf(judgement) ?? []
  })
}

function contradicts(one: Candidate, other: Candidate): boolean {
  return !overlaps(correctnessInterval(one), correctnessInterval(other))
}

/** This machine's clock is the scale, never the judge: an offset to it alone says nothing. */
function placeOf(
  report: ClockReport,
  judgement: ClockJudgement,
  peers: readonly Candidate[],
): Pick<ClockLook, 'offsetSeconds' | 'errorSeconds'> {
  const { offsetSeconds, errorSeconds } = judgement
  if (report.time.kind === 'decided') return { offsetSeconds, errorSeconds }
  const theirs = medianOf(peers.map(({ measurement }) => measurement.offsetSeconds))
  const theirError = medianOf(peers.map(measurementError))
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
