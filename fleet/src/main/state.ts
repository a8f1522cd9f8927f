/** What a fleet remembers, for commands: a store that cannot be used is told in their words. */
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, LoadedFleet } from '../cli/context.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import { stateRegistry, type Environment } from '../stores/registry.ts'
import { isControllerHere } from './controller-here.ts'
import { isAlive } from './process-identity.ts'

type RememberingContext = Pick<
  Context,
  | ('openSamples' | 'openRolloutStore' | 'knownDevices' | 'knownRollouts' | 'recoverState')
  | 'isControllerHere'
>

export function openState(terminal: Terminal, environment: Environment): RememberingContext {
  const findState = stateRegistry(isAlive, environment)
  let isTold = false
  const openRolloutStore: Context['openRolloutStore'] = async ({ fleet, stateFolder }) => {
    const state = await findState(fleet.settings.state, stateFolder)
    try {
      return ok(await state.openRollouts())
    } catch (error) {
      const missing = state.isThere() ? null : 'its folder has to be writable: timeball doctor'
      const fix = state.fix ?? missing
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
    async openSamples({ fleet, stateFolder }) {
      try {
        const state = await findState(fleet.settings.state, stateFolder)
        return await state.openSamples()
      } catch (error) {
        if (!isTold) terminal.say(`timeball: samples are not kept: ${reason(error)}`)
        isTold = true
        const forgetful = await findState('memory', stateFolder)
        return await forgetful.openSamples()
      }
    },
    openRolloutStore,
    isControllerHere,
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

function nowhereIn(file: string): Pick<Problem, 'file' | 'line' | 'column'> {
  return { file, line: null, column: null }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
