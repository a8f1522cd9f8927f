/**
 * The rule for good time as reasons of a health verdict: what is `bad` is `down` where clients get
 * no time or one that is off by more than the limit, and `degraded` where they are only at risk.
 */
import type { NtpFailureCode } from '@timeball/clock/ntp/measurement.ts'
import type { TimeReason, TimeSubject } from '../service/good-time.ts'
import { scaleSeconds } from '../table.ts'
import { degraded, down, unknown, type Finding } from './finding.ts'
import type { JudgedInput } from './verdict.ts'

export function ntpAnswerRule(input: JudgedInput): Finding {
  const reason = reasonOf(input, 'answer')
  if (reason === null) return null
  if (reason.state === 'unknown') return unknown(reason.text)
  const { failure } = input.clock
  return failure !== null && isGarbled(failure.code) ? degraded(reason.text) : down(reason.text)
}

/** Other clients may be answered better: a wrong signature, or another address, is ours to see. */
function isGarbled(code: NtpFailureCode): boolean {
  return code === 'bogus'
}

export function ntpReferenceRule(input: JudgedInput): Finding {
  const reason = reasonOf(input, 'reference')
  return reason === null ? null : down(reason.text)
}

/** Clients reject what is too far away; what is only far is a matter of thresholds. */
export function ntpDistanceRule(input: JudgedInput): Finding {
  const reason = reasonOf(input, 'distance')
  if (reason !== null) return down(reason.text)
  const { ntp, thresholds } = input
  if (!ntp.ok || ntp.value.rootDistanceSeconds * 1000 <= thresholds.maxRootDistanceMs) return null
  return degraded(`root distance ${scaleSeconds(ntp.value.rootDistanceSeconds)}`)
}

/** Wrong time is worse than none, but a few milliseconds harm nobody. */
export function clockRule(input: JudgedInput): Finding {
  const reason = reasonOf(input, 'agreement')
  if (reason === null) return null
  if (reason.state === 'unknown') return unknown(reason.text)
  const { offsetSeconds, errorSeconds } = input.clock
  const provedMs = (Math.abs(offsetSeconds ?? 0) - (errorSeconds ?? 0)) * 1000
  return provedMs > input.thresholds.maxOffsetMs ? down(reason.text) : degraded(reason.text)
}

/** Its own word against what it sends: while that is good its clients are served. */
export function ntpSyncRule(input: JudgedInput): Finding {
  const reason = reasonOf(input, 'self-report')
  if (reason === null) return null
  if (reason.state === 'unknown') return unknown(reason.text)
  return input.ntp.ok ? degraded(reason.text) : down(reason.text)
}

function reasonOf({ time }: JudgedInput, subject: TimeSubject): TimeReason | null {
  return time.reasons.find((reason) => reason.subject === subject) ?? null
}
