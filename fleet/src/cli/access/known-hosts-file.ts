/** The file with the host keys of the fleet. */
import type { Problem } from '@timeball/lib/problem.ts'
import type { Context, LoadedFleet } from '../context.ts'

function pathOf({ fleet, stateFolder }: LoadedFleet): string {
  return fleet.settings.ssh.known_hosts ?? `${stateFolder}/known_hosts`
}

/** One that is not there is empty. */
export async function readKnownHosts(context: Context, loaded: LoadedFleet): Promise<string> {
  const text = await context.readText(pathOf(loaded))
  return text.ok ? text.value : ''
}

/** `null`: written. */
export async function writeKnownHosts(
  context: Context,
  loaded: LoadedFleet,
  text: string,
): Promise<Problem | null> {
  if (loaded.fleet.settings.ssh.known_hosts === undefined) {
    await context.keep(loaded, 'known_hosts', text)
    return null
  }
  const failure = await context.writeFile(pathOf(loaded), text)
  return failure?.problem ?? null
}
