/** What a fleet remembers, for commands: a store that cannot be used is told in their words. */
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { auditedRollouts } from '../app/operate/audited-store.ts'
import type { Context, LoadedFleet } from '../cli/context.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { AccessStore } from '../ports/access-store.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import { stateRegistry, type Environment, type FindState, type State } from '../stores/registry.ts'
import { LaterVersionError } from '../stores/sqlite/user-version.ts'
import { isControllerHere } from './controller-here.ts'
import { noteActs } from './note-acts.ts'
import { isAlive } from './process-identity.ts'

const ofLater = 'use that version; with this one begin from a backup that is older than it'

type RememberingContext = Pick<
  Context,
  | 'openSamples'
  | 'openSeries'
  | 'openAccess'
  | 'openRolloutStore'
  | 'knownDevices'
  | 'knownRollouts'
  | 'recoverState'
  | 'isControllerHere'
>

export function openState(
  terminal: Terminal,
  environment: Environment,
): RememberingContext & { readonly noteFor: ReturnType<typeof noteActs> } {
  const findState = stateRegistry(isAlive, environment)
  const noteFor = noteActs(findState, environment)
  const openRolloutStore: Context['openRolloutStore'] = async ({ fleet, stateFolder }) => {
    const state = await findState(fleet.settings.state, stateFolder)
    try {
      return ok(auditedRollouts(await state.openRollouts(), noteFor({ fleet, stateFolder })))
    } catch (error) {
      const missing = state.isThere() ? null : 'its folder has to be writable: timeball doctor'
      const fix = error instanceof LaterVersionError ? ofLater : (state.fix ?? missing)
      return fail({ ...nowhereIn(state.rolloutsAt), what: reason(error), fix })
    }
  }
  /** Nothing is made where nothing is remembered yet. */
  async function known<T>(
    loaded: LoadedFleet,
    read: (store: RolloutStore) => Promise<readonly T[]>,
  ): Promise<Result<readonly T[], Problem>> {
    const state = await findState(loaded.fleet.settings.state, loaded.stateFolder)
    if (!state.isThere()) return ok([])
    const opened = await openRolloutStore(loaded)
    if (!opened.ok) return opened
    try {
      return ok(await read(opened.value))
    } finally {
      await opened.value.close()
    }
  }
  return {
    ...measurementsIn(findState, terminal),
    noteFor,
    openRolloutStore,
    isControllerHere,
    openAccess: (loaded) => openAccess(findState, loaded),
    knownDevices: (loaded) => known(loaded, (store) => store.known()),
    async knownRollouts(loaded) {
      const rollouts = await known(loaded, (store) => store.list())
      return rollouts.ok ? rollouts.value : []
    },
    async recoverState({ fleet, stateFolder }) {
      const state = await findState(fleet.settings.state, stateFolder)
      try {
        return ok(await state.recover(Date.now()))
      } catch (error) {
        const what = `could not be recovered, and is where it was: ${reason(error)}`
        return fail({ ...nowhereIn(state.rolloutsAt), what, fix: null })
      }
    },
  }
}

async function openAccess(
  findState: FindState,
  { fleet, stateFolder }: LoadedFleet,
): Promise<Result<AccessStore, Problem>> {
  try {
    const state = await findState(fleet.settings.state, stateFolder)
    return ok(await state.openAccess())
  } catch (error) {
    const file = `${stateFolder}/access.db`
    return fail({ ...nowhereIn(file), what: reason(error), fix: 'timeball doctor' })
  }
}

/** Where nothing can be written they are kept as long as the process lives, and that is told once. */
function measurementsIn(
  findState: FindState,
  terminal: Terminal,
): Pick<Context, 'openSamples' | 'openSeries'> {
  const told = new Set<string>()
  async function open<T>(
    { fleet, stateFolder }: LoadedFleet,
    what: string,
    openIn: (state: State) => Promise<T>,
  ): Promise<T> {
    try {
      return await openIn(await findState(fleet.settings.state, stateFolder))
    } catch (error) {
      if (!told.has(what)) terminal.say(`timeball: ${what} not kept: ${reason(error)}`)
      told.add(what)
      return await openIn(await findState('memory', stateFolder))
    }
  }
  return {
    openSamples: (loaded) => open(loaded, 'samples are', (state) => state.openSamples()),
    openSeries: (loaded) => open(loaded, 'the history of clocks is', (state) => state.openSeries()),
  }
}

function nowhereIn(file: string): Pick<Problem, 'file' | 'line' | 'column'> {
  return { file, line: null, column: null }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
