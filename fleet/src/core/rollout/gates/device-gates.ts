/** The gates about what runs on the device: container, HTTP, logs; and the operator's own queries. */
import type { Failure } from '../../failure.ts'
import { revertReasons } from '../../plan/revert-reason.ts'
import { mostLogLines, type ObservedLog } from '../../plan/observed.ts'
import { contractBreaches } from '../../service/contract.ts'
import { firstViolation } from './condition.ts'
import { failing, pending, inconclusive, type Finding, type GateInput } from './finding.ts'
import type { QueryEvidence } from './evidence.ts'
import { containerOf, checksUntilFailed } from './memory.ts'

export function containerGate(input: GateInput): Finding {
  return generationFinding(input) ?? runningFinding(input) ?? imageFinding(input)
}

/** A device that reverted by itself has not got what is judged here. */
function generationFinding({ evidence }: GateInput): Finding {
  const { observed, generation: wanted } = evidence
  if (!observed.ok) return pending(notChecked(observed.failure))
  if (wanted === null) return null
  const { generation, pending: unconfirmed, recovered } = observed.value
  if (unconfirmed !== null) return pending(`generation ${unconfirmed} is not confirmed yet`)
  if (generation === wanted) return null
  if (generation > wanted) {
    return inconclusive(`is in generation ${generation}, not ${wanted}: somebody else changed it`)
  }
  const because = recovered?.generation === wanted ? `: ${revertReasons[recovered.reason]}` : ''
  return failing(`is back in generation ${generation} from ${wanted}${because}`)
}

export function notChecked({ detail }: Failure): string {
  return `cannot check the device: ${detail}`
}

/** A second restart is no accident; a first one is a step down, but not the end. */
const restartsUntilFailed = 2

function runningFinding({ evidence, memory }: GateInput): Finding {
  const container = containerOf(evidence)
  if (container === null) return pending('the container was not seen')
  const { name, state } = container
  const restarts = (memory.restarts ?? 0) - (memory.firstRestarts ?? 0)
  if (restarts >= restartsUntilFailed) {
    return failing(`container ${name} keeps crashing: ${restarts} restarts since the change`)
  }
  if (memory.stopped >= checksUntilFailed) {
    return failing(`container ${name} is ${state}, ${memory.stopped} consecutive checks`)
  }
  if (state !== 'running') return pending(`container ${name} is ${state}`)
  if (memory.newRestarts > 0) return pending(`container ${name} was restarted since the last check`)
  if (!container.activated) return pending(`container ${name} is not the one which was activated`)
  return null
}

/** References are names; what runs is told by the id that the device's engine has for it. */
function imageFinding({ evidence }: GateInput): Finding {
  const { image } = evidence
  const container = containerOf(evidence)
  if (image === null || container === null || !evidence.observed.ok) return null
  const wantedId = evidence.observed.value.images.get(image) ?? null
  if (wantedId === null) return pending('the wanted image is not on the device')
  if (container.imageId === wantedId) return null
  return pending(`runs image ${shortId(container.imageId)}, not ${shortId(wantedId)}`)
}

function shortId(id: string | null): string {
  return id === null ? 'unknown' : id.slice(0, 'sha256:'.length + 12)
}

export function httpGate({ evidence: { http } }: GateInput): Finding {
  if (!http.ok) {
    const { code, detail } = http.failure
    return code === 'aborted' ? inconclusive('health was not asked') : pending(`health: ${detail}`)
  }
  const { httpStatus, reasons } = http.value
  if (httpStatus === 200) return null
  const [reason] = reasons
  return pending(`health says ${httpStatus}${reason === undefined ? '' : `: ${reason}`}`)
}

/** A server that keeps its contract worse than it should is found out before it is everywhere. */
export function contractGate({ evidence, gates }: GateInput): Finding {
  if (!gates.contract) return null
  const { contract, http, hasKeys } = evidence
  const label = containerOf(evidence)?.versionLabel ?? null
  const [breach] = contractBreaches({ contract, http, hasKeys, label })
  if (breach === undefined) return null
  const verdicts = { broken: failing, missing: pending, unknown: inconclusive } as const
  return verdicts[breach.state](breach.text)
}

/** How many times its own rate of before is no finding yet: a log does not flow evenly. */
const timesAsBefore = 2

/**
 * Errors beyond what the device wrote before it was changed. A container without a log that can be
 * read has no burst of errors in it either. What is not known of before is nobody's fault.
 */
export function logsGate({ evidence, gates }: GateInput): Finding {
  const { observed, container, errorsPerMinuteBefore: before } = evidence
  const log = observed.ok ? observed.value.logs.get(container) : undefined
  const limit = gates.max_log_errors
  if (log === undefined) return null
  const flood = floodFinding(log, before)
  if (flood !== null) return flood
  if (log.errors <= limit) return null
  const found = `${atLeast(log)} errors in ${log.seconds} s of its log`
  if (before === null) return inconclusive(`${found}, and its rate before is not known`)
  const usual = (before * log.seconds) / 60
  if (log.errors <= limit + timesAsBefore * usual) return null
  const rate = Math.round(before * 10) / 10
  const wrote = rate === 0 ? '' : `, and ${rate} a minute before the change`
  return failing(`${found} (limit ${limit}${wrote})`)
}

/** What no time server writes; it also hides its errors, and wears out the card. */
const floodLinesPerSecond = 100

function floodFinding({ lines, seconds }: ObservedLog, before: number | null): Finding {
  if (lines < mostLogLines || lines < floodLinesPerSecond * seconds) return null
  const found = `a flood in its log: at least ${lines} lines in ${seconds} s`
  return before === null ? inconclusive(`${found}; before it is not known`) : failing(found)
}

/** Of a log that was cut only the newest lines were read: there may be more. */
function atLeast({ errors, lines }: ObservedLog): string {
  return lines >= mostLogLines ? `at least ${errors}` : String(errors)
}

export function queriesGate(input: GateInput): Finding {
  return worstOf(input.evidence.queries.map((query) => queryFinding(query, input)))
}

function queryFinding({ name, success, values }: QueryEvidence, { memory }: GateInput): Finding {
  if (!values.ok) return inconclusive(`query ${name}: ${values.failure}`)
  if (values.value.length === 0) return inconclusive(`query ${name}: there is no such series`)
  const violation = firstViolation(success, values.value)
  if (violation === null) return null
  if (Number.isNaN(violation)) return inconclusive(`query ${name}: the result is not a number`)
  const checks = memory.failedQueries[name] ?? 0
  const text = `query ${name}: ${violation} does not fulfil ${success}`
  return checks >= checksUntilFailed
    ? failing(`${text}, ${checks} consecutive checks`)
    : pending(text)
}

/** What cannot get better counts before what may, and that before what nobody knows. */
export function worstOf<F extends Exclude<Finding, null>>(
  findings: readonly (F | null)[],
): F | null {
  const found = findings.filter((finding) => finding !== null)
  const order = ['fail', 'pending', 'inconclusive'] as const
  const worst = order.map((level) => found.find(({ verdict }) => verdict === level))
  return worst.find((finding) => finding !== undefined) ?? null
}
