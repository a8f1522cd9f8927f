/** Whether a controller runs: commands on the same machine find it by the socket beside `state.db`. */
import { connect } from 'node:net'
import { join } from 'node:path'
import type { LoadedFleet } from '../cli/context.ts'

/** Longer than a process needs that is busy, and shorter than anybody likes to wait. */
const patienceMs = 2_000

/** What a killed one left does not answer. */
export async function isControllerHere({
  stateFolder,
}: Pick<LoadedFleet, 'stateFolder'>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(join(stateFolder, 'controller.sock'))
  socket.setTimeout(patienceMs, () => resolve(false))
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  const answers = await promise
  socket.destroy()
  return answers
}
