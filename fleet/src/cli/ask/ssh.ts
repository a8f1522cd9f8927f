/** `timeball ssh DEVICE`: a session with the user, key, port and jump hosts of the inventory. */
import { exitCodes } from '../../api/exit-codes.ts'
import { namesOf } from '../../core/ask/fold.ts'
import { scriptOf } from '../../core/ask/shell-words.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { readFleet } from '../start.ts'

/** The exit code of the session; 3 when there was none. */
export async function sshCommand(
  context: Context,
  target: string,
  words: readonly string[] | null,
  options: FleetOptions,
): Promise<number> {
  const { terminal } = context
  const selected = await readFleet(context, target, options)
  if (!selected.ok) return selected.failure
  const { loaded, devices } = selected.value
  const [device, ...others] = devices
  if (device === undefined || others.length > 0) {
    const what = `${target} is ${namesOf(devices.map(({ name }) => name))}; a session is on one`
    return refuse(terminal, [usageProblem(what, 'timeball run asks many')])
  }
  const obstacle = context.enterNetwork(loaded)
  if (obstacle !== null) return refuse(terminal, [obstacle])
  const command = words === null || words.length === 0 ? null : scriptOf(words)
  const ended = await context.login(loaded, device, command, options)
  if (!ended.ok) {
    terminal.say(`timeball: ssh could not be started: ${ended.failure}`)
    return exitCodes.failed
  }
  if (ended.value !== 255) return ended.value
  terminal.say(`    timeball ping ${device.name} tells what is in the way`)
  return exitCodes.devicesFailed
}
