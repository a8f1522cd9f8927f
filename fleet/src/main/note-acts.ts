/** Acts of this process, in the audit log of the fleet: the log is open as long as it is written. */
import type { Note } from '../app/operate/audited-store.ts'
import { noteBy } from '../app/operate/note-act.ts'
import type { LoadedFleet } from '../cli/context.ts'
import type { Environment, FindState } from '../stores/registry.ts'
import { operatorOf, thisProcess } from './process-identity.ts'

export function noteActs(
  findState: FindState,
  environment: Environment,
): (loaded: Pick<LoadedFleet, 'fleet' | 'stateFolder'>) => Note {
  const by = {
    operator: operatorOf(environment),
    self: thisProcess(),
    nowUnixMs: () => Date.now(),
  }
  return ({ fleet, stateFolder }) =>
    async (noted) => {
      const state = await findState(fleet.settings.state, stateFolder)
      const log = await state.openAccess()
      try {
        await noteBy(by, log, noted)
      } finally {
        await log.close()
      }
    }
}
