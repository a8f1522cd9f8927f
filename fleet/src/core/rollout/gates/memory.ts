/** What a row of looks tells and a single one does not. */
import type { ObservedContainer } from '../../plan/observed.ts'
import { firstViolation } from './condition.ts'
import type { GateLook, GateMemory } from './look.ts'

/** So often in a row is no accident. */
export const looksUntilFailed = 3

const nothing: GateMemory = {
  firstRestarts: null,
  restarts: null,
  newRestarts: 0,
  stopped: 0,
  lying: 0,
  failedQueries: {},
}

/**
 * The memory with this look in it; `before` is `null` at the first look since the device was
 * changed. A look that could not tell neither adds to a row nor ends it.
 */
export function rememberLook(before: GateMemory | null, look: GateLook): GateMemory {
  const known = before ?? nothing
  const container = containerOf(look)
  return {
    ...rememberRestarts(known, container),
    stopped: container === null ? known.stopped : isStopped(container) ? known.stopped + 1 : 0,
    lying: rememberLies(known.lying, look),
    failedQueries: Object.fromEntries(
      look.queries.map(({ name, success, values }) => {
        const row = known.failedQueries[name] ?? 0
        if (!values.ok || values.value.length === 0) return [name, row]
        return [name, firstViolation(success, values.value) === null ? 0 : row + 1]
      }),
    ),
  }
}

/** `null`: not seen. */
export function containerOf({ observed, container }: GateLook): ObservedContainer | null {
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
): Pick<GateMemory, 'firstRestarts' | 'restarts' | 'newRestarts'> {
  if (container === null || container.state === 'absent') {
    return { firstRestarts: known.firstRestarts, restarts: known.restarts, newRestarts: 0 }
  }
  const { restarts } = container
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
function rememberLies(row: number, look: GateLook): number {
  if (!look.clock.ok || look.clock.value.notAsked !== null || !look.http.ok) return row
  const { httpStatus, ntp } = look.http.value
  const claims = httpStatus === 200 && ntp.isSynced !== false && ntp.leap !== 3
  return claims && isContradicted(look) ? row + 1 : 0
}

/**
 * Whether the others say that its time is false. Two servers that contradict each other have no
 * majority; but one that contradicts all that were not changed is the one that was.
 */
export function isContradicted({ clock }: GateLook): boolean {
  if (!clock.ok) return false
  const { verdict, peers, contradicting } = clock.value
  if (verdict === 'falseticker') return true
  return verdict === 'undecidable' && peers > 0 && contradicting === peers
}
