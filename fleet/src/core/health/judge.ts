/** The verdict on one device: every rule is asked once, and the worst finding decides. */
import { goodTime, type TimeSubject, type TimeVerdict } from '../service/good-time.ts'
import {
  containerRule,
  contractRule,
  diskRule,
  diskUsedPercent,
  driftRule,
  generationRule,
  httpRule,
  releaseRule,
  worstContainer,
} from './device-rules.ts'
import type { Finding } from './finding.ts'
import { disciplineRule, ntpOffsetRule, ntpReachRule, stratumRule } from './ntp-rules.ts'
import {
  clockRule,
  ntpAnswerRule,
  ntpDistanceRule,
  ntpReferenceRule,
  ntpSyncRule,
} from './time-rules.ts'
import {
  healthChecks,
  type HealthCheck,
  type HealthInput,
  type HealthLevel,
  type HealthReason,
  type HealthVerdict,
  type JudgedInput,
} from './verdict.ts'

const rules = {
  'ntp-answer': ntpAnswerRule,
  'ntp-reference': ntpReferenceRule,
  'ntp-distance': ntpDistanceRule,
  clock: clockRule,
  'ntp-offset': ntpOffsetRule,
  'ntp-sync': ntpSyncRule,
  'ntp-reach': ntpReachRule,
  stratum: stratumRule,
  discipline: disciplineRule,
  http: httpRule,
  contract: contractRule,
  container: containerRule,
  disk: diskRule,
  generation: generationRule,
  release: releaseRule,
  drift: driftRule,
} as const satisfies Record<HealthCheck, (input: JudgedInput) => Finding>

/** Worst first. What is known to be bad outweighs what is not known. */
export const levelsWorstFirst: readonly HealthLevel[] = ['down', 'degraded', 'unknown', 'ok']

/** Judges one device. Never throws; the same input gives the same verdict. */
export function judgeHealth(input: HealthInput): HealthVerdict {
  const said = input.http.ok ? input.http.value.ntp : null
  const time = goodTime({ clock: input.clock, said })
  const reasons = reasonsFor({ ...input, time })
  return {
    device: input.device,
    role: input.role,
    verdict: reasons[0]?.level ?? 'ok',
    reasons,
    httpStatus: input.http.ok ? input.http.value.httpStatus : null,
    ntp: { isSynced: isSynced(input, time), ...ntpColumns(input) },
    measured: measuredColumn(input),
    diskUsedPercent: diskUsedPercent(input),
    container: containerColumn(input),
    generation: input.observed.ok ? input.observed.value.generation : null,
    drift: input.drift,
  }
}

/** What was seen from outside comes before what the server says. */
function ntpColumns({ ntp, http }: HealthInput): Omit<HealthVerdict['ntp'], 'isSynced'> {
  const said = http.ok ? http.value.ntp : null
  const { stratum, refid, leap } = ntp.ok ? ntp.value : (said ?? nothingKnown)
  return {
    stratum,
    refid,
    leap,
    offsetMs: said?.offsetMs ?? null,
    reach: said?.selected?.reach ?? null,
  }
}

const nothingKnown = { stratum: null, refid: null, leap: null }

function measuredColumn({ ntp }: HealthInput): HealthVerdict['measured'] {
  if (!ntp.ok) return null
  return { offsetSeconds: ntp.value.offsetSeconds, errorSeconds: ntp.value.errorSeconds }
}

function containerColumn({ observed }: HealthInput): HealthVerdict['container'] {
  if (!observed.ok) return null
  return worstContainer([...observed.value.containers.values()])?.state ?? null
}

function reasonsFor(input: JudgedInput): HealthReason[] {
  const found = healthChecks.flatMap((check): HealthReason[] => {
    const finding = rules[check](input)
    return finding === null ? [] : [{ check, ...finding }]
  })
  return found.toSorted(
    (one, other) => levelsWorstFirst.indexOf(one.level) - levelsWorstFirst.indexOf(other.level),
  )
}

const aboutSync: ReadonlySet<TimeSubject> = new Set(['reference', 'distance', 'self-report'])

/**
 * `true` needs both witnesses: the server's own word, and a measurement from outside. Silence is no
 * word against it: nobody could ask.
 */
function isSynced({ http, ntp }: HealthInput, { reasons }: TimeVerdict): boolean | null {
  const about = reasons.filter(({ subject }) => aboutSync.has(subject))
  const isDenied = !ntp.ok && ntp.failure.code === 'unsynchronised'
  if (isDenied || about.some(({ state }) => state !== 'unknown')) return false
  return http.ok && ntp.ok && about.length === 0 ? true : null
}
