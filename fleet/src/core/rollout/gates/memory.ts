/** What consecutive checks tell and a single one does not. */
import type { ObservedContainer } from '../../plan/observed.ts'
import { isContradicted } from '../../service/good-time.ts'
import { firstViolation } from './condition.ts'
import type { GateEvidence, GateMemory } from './evidence.ts'

/** So many consecutive ones are no accident. */
export const checksUntilFailed = 3

const nothing: GateMemory = {
  firstRestarts: null,
  restarts: null,
  newRestarts: 0,
  stopped: 0,
  lying: 0,
  failedQueries: {},
}

/**
 * The memory with this check in it; `before` is `null` at the first one since the device was
 * changed. A check that could not tell neither adds to a row nor ends it.
 */
export function rememberCheck(before: GateMemory | null, evidence: GateEvidence): GateMemory {
  const known = before ?? nothing
  const container = containerOf(evidence)
  return {
    ...rememberRestarts(known, container, evidence),
    stopped: container === null ? known.stopped : isStopped(container) ? known.stopped + 1 : 0,
    lying: rememberLies(known.lying, evidence),
    failedQueries: Object.fromEntries(
      evidence.queries.map(({ name, success, values }) => {
        const row = known.failedQueries[name] ?? 0
        if (!values.ok || values.value.length === 0) return [name, row]
        return [name, firstViolation(success, values.value) === null ? 0 : row + 1]
      }),
    ),
  }
}

/** `null`: not seen. */
export function containerOf({ observed, container }: GateEvidence): ObservedContainer | null {
  return observed.ok ? (observed.value.containers.get(container) ?? null) : null
}

const stoppedStates: ReadonlySet<ObservedContainer['state']> = new Set(['exited', 'dead', 'absent'])

function isStopped({ state }: ObservedContainer): boolean {
  return stoppedStates.has(state)
}

/** Fewer restarts than before are those of another container. */
function rememberRestarts(
  known: GateMemory,
  container: ObservedContainer | null,
  { isNewContainer }: GateEvidence,
): Pick<GateMemory, 'firstRestarts' | 'restarts' | 'newRestarts'> {
  if (container === null || container.state === 'absent') {
    return { firstRestarts: known.firstRestarts, restarts: known.restarts, newRestarts: 0 }
  }
  const { restarts } = container
  if (known.restarts === null && isNewContainer) {
    return { firstRestarts: 0, restarts, newRestarts: restarts }
  }
  if (known.restarts === null || restarts < known.restarts) {
    return { firstRestarts: restarts, restarts, newRestarts: 0 }
  }
  return {
    firstRestarts: known.firstRestarts,
    restarts,
    newRestarts: restarts - known.restarts,
  }
}

/** A device that knows that it is not in step says so, and is only not there yet. */
function rememberLies(row: number, { clock, http }: GateEvidence): number {
  if (!clock.ok || clock.value.failure !== null || !http.ok) return row
  const { httpStatus, ntp } = http.value
  const claims = httpStatus === 200 && ntp.isSynced !== false && ntp.leap !== 3
  return claims && isContradicted(clock.value) ? row + 1 : 0
}
