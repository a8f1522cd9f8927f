/** `timeball init [DIR]`: the files of a new fleet repository; what is there is left alone. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { fleetNameOf, nextSteps, starterFiles } from '../core/fleet/starter-files.ts'
import type { Context, LoadedFleet } from './context.ts'
import { refuse } from './problems.ts'

export interface InitOptions {
  /** An Ansible inventory, or a folder with one; it is read where it is. */
  readonly fromAnsible?: string
}

export async function initCommand(
  context: Context,
  directory: string,
  { fromAnsible }: InitOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const place = await context.newFleet(directory, fromAnsible ?? null)
  if (!place.ok) return refuse(terminal, [place.failure])
  const { folder, inventory } = place.value
  for (const { path, text } of starterFiles({ name: fleetNameOf(folder), inventory })) {
    const made = await context.createFile(`${directory}/${path}`, text)
    if (typeof made !== 'string') {
      terminal.say(`timeball: ${formatProblem(made.problem)}`)
      return made.isUsage ? exitCodes.usage : exitCodes.failed
    }
    terminal.out(made === 'made' ? `+ ${path}` : `· ${path} is there, and was left alone`)
  }
  const source = fromAnsible === undefined ? `${directory}/inventory.yml` : place.value.source
  const loaded = await context.loadFleet({ inventory: source, fleet: `${directory}/fleet.yaml` })
  if (!loaded.ok) {
    for (const problem of loaded.failure) terminal.say(formatProblem(problem))
    terminal.say('timeball: the files are there; this has to be mended before a plan can be made')
    return exitCodes.usage
  }
  terminal.out(devicesText(loaded.value))
  terminal.out('Next:')
  for (const line of nextSteps(directory, inventory)) terminal.out(`  ${line}`)
  return exitCodes.done
}

function devicesText({ fleet: { name, devices } }: LoadedFleet): string {
  const roles = Map.groupBy(devices, ({ role }) => role)
  const counts = [...roles].map(([role, those]) => `${those.length} ${role}`).join(', ')
  return `Fleet ${name}: ${devices.length} devices (${counts}).`
}
