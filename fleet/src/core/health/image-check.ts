/**
 * Whether an image keeps the device contract (docs/device-contract.md), out of what a trial of it on
 * this machine has shown. A trial has no source of time: whoever claims one is found out. Pure.
 */
import type { Result } from '@timeball/lib/result.ts'
import { contractBreaches, type ContractEvidence, type PortFailure } from '../service/contract.ts'
import type { TimeServerHealth } from './time-server-health.ts'

/** What a container may do, the least first: as on a device; with a writable root; Docker's usual set. */
export const rightsOfTrials = ['deployed', 'writable', 'usual'] as const
export type Rights = (typeof rightsOfTrials)[number]

/** What the ports answered, and `ntpq` in the container. Texts of failures are printable. */
export interface TrialAnswers {
  readonly http: Result<TimeServerHealth, PortFailure>
  readonly contract: ContractEvidence
  /** Of one request; that it has no time to give is an answer. */
  readonly ntp: Result<{ readonly stratum: number }, PortFailure>
  readonly ntpq: Result<null, string>
  /** Whether it followed when the file of keys was replaced. */
  readonly keys: Result<null, string>
}

export interface ImageEvidence {
  /** Version that the image is labelled with; `null`: it has no label. */
  readonly label: string | null
  /** Why it did not answer, for each set of rights with which it was tried in vain. */
  readonly failures: ReadonlyMap<Rights, string>
  /** `null`: it never answered. */
  readonly answers: TrialAnswers | null
  /** Whether it ended by itself after SIGTERM; `null`: it never answered. */
  readonly end: Result<null, string> | null
}

export interface ImageFinding {
  readonly check: ImageCheck
  readonly state: 'kept' | 'broken' | 'unknown'
  /** A printable phrase; empty where there is nothing to say. */
  readonly text: string
}

export const imageChecks = [
  'read-only root',
  'capabilities',
  'health',
  'api',
  'keys',
  'metrics',
  'version',
  'ntp',
  'ntpq',
  'sigterm',
] as const
export type ImageCheck = (typeof imageChecks)[number]

/** One for each check, in their order. */
export function judgeImage(evidence: ImageEvidence): readonly ImageFinding[] {
  return imageChecks.map((check) => ({ check, ...judges[check](evidence) }))
}

type Judgement = Omit<ImageFinding, 'check'>

const kept = (text = ''): Judgement => ({ state: 'kept', text })
const broken = (text: string): Judgement => ({ state: 'broken', text })
const notRun: Judgement = { state: 'unknown', text: 'it never answered' }

const judges = {
  'read-only root': ({ failures, answers }) => {
    const failure = failures.get('deployed')
    if (failure === undefined) return kept()
    if (answers === null) return broken(failure)
    const needsRoot = !failures.has('writable')
    return needsRoot
      ? broken(`it answers only with a writable root: ${failure}`)
      : { state: 'unknown', text: 'it needs more capabilities first' }
  },
  capabilities: ({ failures, answers }) => {
    const failure = failures.get('writable')
    if (failure === undefined) return kept()
    return answers === null
      ? { state: 'unknown', text: "it does not answer with Docker's usual ones either" }
      : broken(`it answers only with Docker's usual ones: ${failure}`)
  },
  health: ({ answers }) => {
    if (answers === null) return notRun
    if (!answers.http.ok) return broken(answers.http.failure.detail)
    const { httpStatus, ntp, status } = answers.http.value
    if (httpStatus === 200) return broken('it answers 200, and was given no source of time')
    if (ntp.isSynced === true) return broken('it says synced, and was given no source of time')
    return status === null ? broken('its answer has no status') : kept(`503 without a source`)
  },
  api: (evidence) => contractJudgement(evidence, /API/),
  keys: ({ answers }) => {
    if (answers === null) return notRun
    return answers.keys.ok ? kept('read anew when replaced') : broken(answers.keys.failure)
  },
  metrics: (evidence) => contractJudgement(evidence, /metrics/),
  version: (evidence) => {
    if (evidence.answers !== null && evidence.answers.http.ok) {
      const said = evidence.answers.http.value.version
      if (said === null) return broken('/health says no version')
      if (evidence.label === null) return kept(`${said}; the image has no label of a version`)
    }
    return contractJudgement(evidence, /version/)
  },
  ntp: ({ answers }) => {
    if (answers === null) return notRun
    const { ntp } = answers
    if (ntp.ok) return broken(`it serves stratum ${ntp.value.stratum}, and has no source of time`)
    if (ntp.failure.code === 'unsynchronised') return kept('answers that it has no time')
    if (ntp.failure.code === 'kiss') return kept('answers that it has no time for us')
    return broken(ntp.failure.detail)
  },
  ntpq: ({ answers }) => {
    if (answers === null) return notRun
    return answers.ntpq.ok ? kept() : broken(answers.ntpq.failure)
  },
  sigterm: ({ end }) => {
    if (end === null) return notRun
    return end.ok ? kept() : broken(end.failure)
  },
} as const satisfies Record<ImageCheck, (evidence: ImageEvidence) => Judgement>

/** What a rollout would say of it, as far as it is about `what`. */
function contractJudgement({ answers, label }: ImageEvidence, what: RegExp): Judgement {
  if (answers === null) return notRun
  const { contract, http } = answers
  if (!http.ok) return { state: 'unknown', text: 'not asked: /health gives no answer' }
  const breaches = contractBreaches({ contract, http, hasKeys: true, label })
  const breach = breaches.find(({ text }) => what.test(text))
  if (breach === undefined) return kept()
  return { state: breach.state === 'unknown' ? 'unknown' : 'broken', text: breach.text }
}
