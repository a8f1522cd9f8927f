/** `timeball service install|status|uninstall`: the controller as a service of systemd. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { unitFile, unitName, unitPath, type ServiceWish } from '../../core/controller/unit-file.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'

export interface InstallOptions extends FleetOptions {
  readonly user?: string
  readonly keys?: string
  readonly port: number
  readonly print?: boolean
}

export async function installCommand(context: Context, options: InstallOptions): Promise<ExitCode> {
  const { terminal, systemd } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const wish = wishOf(context, loaded.value, options)
  const named = [wish.user, wish.folder, wish.keysFile ?? '', ...wish.argv]
  if (named.some((text) => printable(text, text.length) !== text)) {
    return refuse(terminal, [usageProblem('a name has a character that cannot be printed', null)])
  }
  const text = unitFile(wish)
  if (options.print === true) {
    terminal.out(text.trimEnd())
    return exitCodes.done
  }
  const failure =
    (await systemd.write(unitPath, text)) ??
    (await systemd.control(['daemon-reload'])) ??
    (await systemd.control(['enable', unitName])) ??
    (await systemd.control(['restart', unitName]))
  if (failure !== null) return say(context, failure, `journalctl -u ${unitName} -n 50`)
  terminal.say(`timeball: ${unitPath} runs the controller of fleet ${wish.fleet} as ${wish.user}`)
  terminal.say(`    look: timeball service status; journalctl -u ${unitName} -f`)
  terminal.say(`    ask: curl http://127.0.0.1:${options.port}/readyz`)
  return exitCodes.done
}

function wishOf(
  { operator, systemd }: Context,
  { fleet }: LoadedFleet,
  { user, keys, port, inventory }: InstallOptions,
): ServiceWish {
  const inventories = [inventory ?? []].flat().flatMap((path) => ['-i', path])
  return {
    fleet: fleet.name,
    user: user ?? operator.split('@')[0] ?? 'root',
    folder: systemd.here(),
    argv: [...systemd.program(), 'serve', ...inventories, '--port', `${port}`, '--log', 'json'],
    keysFile: keys === undefined ? null : systemd.absolute(keys),
  }
}

export async function statusCommand({ terminal, systemd }: Context): Promise<ExitCode> {
  const { isActive, text } = await systemd.status(unitName)
  terminal.out(text)
  return isActive ? exitCodes.done : exitCodes.failed
}

export async function uninstallCommand(context: Context): Promise<ExitCode> {
  const { terminal, systemd } = context
  const failure =
    (await systemd.control(['disable', '--now', unitName])) ??
    (await systemd.remove(unitPath)) ??
    (await systemd.control(['daemon-reload']))
  if (failure !== null) return say(context, failure, 'timeball service status')
  terminal.say(`timeball: ${unitName} has ended and is gone; the fleet and .timeball/ stay`)
  return exitCodes.done
}

function say({ terminal }: Context, failure: string, look: string): ExitCode {
  terminal.say(`timeball: ${failure}`)
  terminal.say(`    it needs root, and systemd; look: ${look}`)
  return exitCodes.failed
}
