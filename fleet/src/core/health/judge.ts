/** The verdict on one device: every rule is asked once, and the worst finding decides. */
import { clockRule } from './clock-rule.ts'
import {
  containerRule,
  diskRule,
  diskUsedPercent,
  driftRule,
  generationRule,
  httpRule,
  releaseRule,
  worstContainer,
} from './device-rules.ts'
import {
  disciplineRule,
  ntpAnswerRule,
  ntpDistanceRule,
  ntpOffsetRule,
  ntpReachRule,
  ntpReferenceRule,
  ntpSyncRule,
  stratumRule,
  type Finding,
} from './ntp-rules.ts'
import {
  healthChecks,
  type HealthCheck,
  type HealthInput,
  type HealthLevel,
  type HealthReason,
  type HealthVerdict,
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
  container: containerRule,
  disk: diskRule,
  generation: generationRule,
  release: releaseRule,
  drift: driftRule,
} as const satisfies Record<HealthCheck, (input: HealthInput) => Finding>

/** Worst first. What is known to be bad outweighs what is not known. */
export const levelsWorstFirst: readonly HealthLevel[] = ['down', 'degraded', 'unknown', 'ok']

/** Judges one device. Never throws; the same input gives the same verdict. */
export function judgeHealth(input: HealthInput): HealthVerdict {
  const reasons = reasonsFor(input)
  return {
    device: input.device,
    role: input.role,
    verdict: reasons[0]?.level ?? 'ok',
    reasons,
    httpStatus: input.http.ok ? input.http.value.httpStatus : null,
    ntp: { isSynced: isSynced(input, reasons), ...ntpColumns(input) },
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

function reasonsFor(input: HealthInput): HealthReason[] {
  const found = healthChecks.flatMap((check): HealthReason[] => {
    const finding = rules[check](input)
    return finding === null ? [] : [{ check, ...finding }]
  })
  return found.toSorted(
    (one, other) => levelsWorstFirst.indexOf(one.level) - levelsWorstFirst.indexOf(other.level),
  )
}

const syncChecks: ReadonlySet<HealthCheck> = new Set([
  'ntp-answer',
  'ntp-reference',
  'ntp-distance',
  'ntp-sync',
])

/** Needs both witnesses for `true`: the server's own state, and a measurement from outside. */
function isSynced({ http, ntp }: HealthInput, reasons: readonly HealthReason[]): boolean | null {
  const about = reasons.filter(({ check }) => syncChecks.has(check))
  if (about.some(({ level }) => level === 'down')) return false
  return http.ok && ntp.ok && about.every(({ level }) => level === 'degraded') ? true : null
}
