/** The servers of a sweep as those see them that were not changed: evidence for `good-time.ts`. */
import { chainOf, sourcesOf } from '../clock/groups.ts'
import type { ClockJudgement, ClockReport } from '../clock/server.ts'
import { correctnessInterval, measurementError, type Measured } from '../clock/votes.ts'
import type { ClockEvidence } from './evidence.ts'
import { witnessStand, type Testimony, type Witness } from './witness-stand.ts'

const nothingMoves: ReadonlySet<string> = new Set()

/**
 * Every server of the sweep, by name. `changed`: devices that are in progress. They are no witnesses,
 * nor are those that get their time from them or from the server in question. Near-linear in the
 * number of servers: the quorum of a large fleet is counted at every sweep.
 */
export function clockEvidence(
  report: ClockReport,
  changed: ReadonlySet<string> = nothingMoves,
): ReadonlyMap<string, ClockEvidence> {
  const isOpen = (judgement: ClockJudgement): boolean =>
    report.time.kind === 'undecidable' || judgement.verdict === 'undecidable'
  const isAsked = report.judgements.some(isOpen)
  const testify = witnessStand(isAsked ? witnessesOf(report, changed) : [])
  return new Map(
    report.judgements.map((judgement) => {
      const { name } = judgement.server
      const own = isOpen(judgement) ? measuredOf(judgement) : null
      const testimony = own === null ? null : testify(name, correctnessInterval(own))
      return [name, evidenceOf(judgement, report, testimony)]
    }),
  )
}

function evidenceOf(
  judgement: ClockJudgement,
  { time }: ClockReport,
  testimony: Testimony | null,
): ClockEvidence {
  const { server, verdict, faults, offsetSeconds, errorSeconds } = judgement
  const { result } = server.swept
  const place =
    time.kind === 'decided'
      ? { offsetSeconds, errorSeconds }
      : againstPeers({ offsetSeconds, errorSeconds }, testimony)
  return {
    verdict,
    ...place,
    stratum: result.ok && verdict !== 'invalid' ? result.value.stratum : null,
    votes: time.votes,
    peers: testimony?.peers ?? 0,
    contradicting: testimony?.contradicting ?? 0,
    faults,
    failure: result.ok ? null : result.failure,
  }
}

type Place = Pick<ClockEvidence, 'offsetSeconds' | 'errorSeconds'>

/** This machine's clock is the scale, never the judge: an offset to it alone says nothing. */
function againstPeers({ offsetSeconds, errorSeconds }: Place, testimony: Testimony | null): Place {
  const theirs = testimony?.offsetSeconds ?? null
  const theirError = testimony?.errorSeconds ?? null
  if (offsetSeconds === null || errorSeconds === null || theirs === null || theirError === null) {
    return { offsetSeconds: null, errorSeconds: null }
  }
  return { offsetSeconds: offsetSeconds - theirs, errorSeconds: errorSeconds + theirError }
}

function measuredOf({ server, verdict }: ClockJudgement): Measured | null {
  const { result } = server.swept
  if (!result.ok || verdict === 'invalid') return null
  return { server, measurement: result.value }
}

/**
 * A falseticker is no witness, nor is a clock that follows only itself, nor one of which nobody knows
 * whose time it has.
 */
function witnessesOf({ judgements }: ClockReport, changed: ReadonlySet<string>): Witness[] {
  const sourcesOfAll = sourcesOf(judgements.map(({ server }) => server))
  return judgements.flatMap((judgement) => {
    const candidate = measuredOf(judgement)
    const { verdict } = judgement
    const isWitness = verdict === 'truechimer' || verdict === 'undecidable'
    if (candidate === null || !isWitness) return []
    const { names: sources, end } = chainOf(judgement.server, sourcesOfAll)
    if (end.kind === 'unproved' || sources.some((name) => changed.has(name))) return []
    const { offsetSeconds } = candidate.measurement
    const interval = correctnessInterval(candidate)
    return [{ interval, offsetSeconds, errorSeconds: measurementError(candidate), sources }]
  })
}
