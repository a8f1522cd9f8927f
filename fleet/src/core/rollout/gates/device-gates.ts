/** The gates about what runs on the device: container, HTTP, logs; and the operator's own queries. */
import { firstViolation } from './condition.ts'
import { failing, pending, inconclusive, type Finding, type GateInput } from './finding.ts'
import type { QueryLook } from './look.ts'
import { containerOf, looksUntilFailed } from './memory.ts'

export function containerGate(input: GateInput): Finding {
  return generationFinding(input) ?? runningFinding(input) ?? imageFinding(input)
}

/** A device that went back by itself has not got what is judged here. */
function generationFinding({ look }: GateInput): Finding {
  const { observed, generation: wanted } = look
  if (!observed.ok) return pending(`cannot look at the device: ${observed.failure.detail}`)
  if (wanted === null) return null
  const { generation, pending: unconfirmed, recovered } = observed.value
  if (unconfirmed !== null) return pending(`generation ${unconfirmed} is not confirmed yet`)
  if (generation === wanted) return null
  if (generation > wanted) {
    return inconclusive(`is in generation ${generation}, not ${wanted}: somebody else changed it`)
  }
  const because = recovered?.generation === wanted ? ` (${recovered.reason})` : ''
  return failing(`went back by itself to generation ${generation} from ${wanted}${because}`)
}

/** A second restart is no accident; a first one is a step down, but not the end. */
const restartsUntilFailed = 2

function runningFinding({ look, memory }: GateInput): Finding {
  const container = containerOf(look)
  if (container === null) return pending('the container was not looked at')
  const { name, state } = container
  const restarts = (memory.restarts ?? 0) - (memory.firstRestarts ?? 0)
  if (restarts >= restartsUntilFailed) {
    return failing(`container ${name} keeps crashing: ${restarts} restarts since the change`)
  }
  if (memory.stopped >= looksUntilFailed) {
    return failing(`container ${name} is ${state}, ${memory.stopped} looks in a row`)
  }
  if (state !== 'running') return pending(`container ${name} is ${state}`)
  if (memory.newRestarts > 0) return pending(`container ${name} was restarted since the last look`)
  if (!container.activated) return pending(`container ${name} is not the one which was activated`)
  return null
}

/** References are names; what runs is told by the id that the device's engine has for it. */
function imageFinding({ look }: GateInput): Finding {
  const { image } = look
  const container = containerOf(look)
  if (image === null || container === null || !look.observed.ok) return null
  const wantedId = look.observed.value.images.get(image) ?? null
  if (wantedId === null) return pending('the wanted image is not on the device')
  if (container.imageId === wantedId) return null
  return pending(`runs image ${shortId(container.imageId)}, not ${shortId(wantedId)}`)
}

function shortId(id: string | null): string {
  return id === null ? 'unknown' : id.slice(0, 'sha256:'.length + 12)
}

export function httpGate({ look: { http } }: GateInput): Finding {
  if (!http.ok) {
    const { code, detail } = http.failure
    return code === 'aborted' ? inconclusive('health was not asked') : pending(`health: ${detail}`)
  }
  const { httpStatus, reasons } = http.value
  if (httpStatus === 200) return null
  const [reason] = reasons
  return pending(`health says ${httpStatus}${reason === undefined ? '' : `: ${reason}`}`)
}

/** A container without a log that can be read has no burst of errors in it either. */
export function logsGate({ look: { observed, container }, gates }: GateInput): Finding {
  const log = observed.ok ? observed.value.logs.get(container) : undefined
  const limit = gates.max_log_errors
  if (log === undefined || log.errors <= limit) return null
  return failing(`${log.errors} errors in ${log.seconds} s of its log (limit ${limit})`)
}

export function queriesGate(input: GateInput): Finding {
  return worstOf(input.look.queries.map((query) => queryFinding(query, input)))
}

function queryFinding({ name, success, values }: QueryLook, { memory }: GateInput): Finding {
  if (!values.ok) return inconclusive(`query ${name}: ${values.failure}`)
  if (values.value.length === 0) return inconclusive(`query ${name}: there is no such series`)
  const violation = firstViolation(success, values.value)
  if (violation === null) return null
  if (Number.isNaN(violation)) return inconclusive(`query ${name}: the result is not a number`)
  const looks = memory.failedQueries[name] ?? 0
  const text = `query ${name}: ${violation} does not fulfil ${success}`
  return looks >= looksUntilFailed ? failing(`${text}, ${looks} looks in a row`) : pending(text)
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
