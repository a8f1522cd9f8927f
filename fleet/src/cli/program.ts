/** argv -> command. Each command is a thin file of its own, and loaded only when it is called. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { exitCodes } from '../api/exit-codes.ts'
import type { ApplyOptions } from './apply.ts'
import type { ClockOptions } from './clock.ts'
import type { HealthOptions } from './health.ts'
import type { InventoryOptions } from './inventory.ts'
import { addMonitoring } from './monitoring-program.ts'
import type { PlanOptions } from './plan.ts'
import { withResult } from './records.ts'
import { addRollout } from './rollout/program.ts'
import { addServe } from './serve-program.ts'
import type { Shell } from './shell.ts'

/** Commands that need more than a fleet: they start devices of their own. */
export interface OwnDevices {
  demo(options: { readonly once?: boolean; readonly json?: boolean }): Promise<number>
  lab(action: 'up' | 'down' | 'status', options: { readonly purge?: boolean }): Promise<number>
}

/** The exit code of the command. */
export function runProgram(
  argv: readonly string[],
  shell: Shell,
  own: OwnDevices,
): Promise<number> {
  // The demo is not heard here: it has a screen of its own.
  const isJson = argv.includes('--json') && argv[0] !== 'demo'
  const work = (heard: Shell): Promise<number> => runCommand(argv, heard, own)
  return isJson ? withResult(shell, work) : work(shell)
}

/** commander's own refusals are usage errors. */
async function runCommand(argv: readonly string[], shell: Shell, own: OwnDevices): Promise<number> {
  let exit: number = exitCodes.done
  const end = (code: number): void => {
    exit = code
  }
  const program = build(shell, own, end)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  }
  return exit
}

function build(shell: Shell, own: OwnDevices, end: (code: number) => void): Command {
  const program = new Command('timeball')
    .description('Keeps a fleet of UTC time servers in time.')
    .version(shell.version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => shell.terminal.out(text.trimEnd()),
      writeErr: (text) => shell.terminal.say(text.trimEnd()),
    })
    .addHelpText('after', firstSteps)
  addPlan(program, shell, end)
  addApply(program, shell, end)
  addRollout(program, { shell, end })
  addHealth(program, shell, end)
  addClock(program, shell, end)
  addServe(program, shell, end)
  addMonitoring(program, shell, end)
  addInventory(program, shell, end)
  addOwnDevices(program, own, end)
  program.addHelpText('after', exitHelp)
  return program
}

const firstSteps = `
Examples:
  timeball demo                          four devices on this machine, deployed and watched
  timeball plan -i inventory.yml         what would change; contacts the devices, changes nothing
  timeball apply --limit stratum2        make the changes on one group
  timeball health --watch                is every device serving good time?`

const exitHelp = `
Exit codes: 0 done, 1 failed, 2 differences (--detailed-exitcode), 3 some devices failed,
  5 not healthy or rolled back, 6 conflict, 7 declined, 64 bad usage or input, 130 interrupted`

function fleetCommand(program: Command, nameAndArgs: string, summary: string): Command {
  return program
    .command(nameAndArgs)
    .description(summary)
    .option('-i, --inventory <file>', 'Ansible YAML inventory (default: inventory.yml)')
    .option('-f, --fleet <file>', 'settings (default: fleet.yaml beside the inventory)')
    .option('-l, --limit <pattern>', 'devices, as in Ansible: stratum1, pi-*, a:!b, @failed')
    .option('--json', 'JSON lines; the last one is the result')
}

function addPlan(program: Command, shell: Shell, end: (code: number) => void): void {
  sshOptions(fleetCommand(program, 'plan [targets]', 'Show what would change on each device.'))
    .option('--offline', 'plan against empty devices and contact nobody')
    .option('--out <file>', 'save the plan, for apply --plan')
    .option('--no-diff', 'leave out the lines of changed files')
    .option('--detailed-exitcode', 'exit with 2 when there are differences')
    .option('--allow-reboot', 'plan the reboots which changed boot configuration needs')
    .addHelpText('after', examples('plan --offline', 'plan stratum1 --detailed-exitcode'))
    .action(async (targets: string | undefined, options: PlanOptions) => {
      const { planCommand } = await import('./plan.ts')
      end(await planCommand(await shell.open(), targets, options))
    })
}

function addApply(program: Command, shell: Shell, end: (code: number) => void): void {
  sshOptions(fleetCommand(program, 'apply [targets]', 'Make the changes that plan shows.'))
    .option('--plan <file>', 'a plan saved by plan --out; refused when anything has moved since')
    .option('--check', 'change nothing, like plan')
    .option('--diff', 'show the lines of changed files')
    .option('-y, --yes', 'do not ask')
    .option('--allow-reboot', 'reboot devices whose boot configuration changed')
    .addHelpText('after', examples('apply', 'apply --limit @failed --yes'))
    .action(async (targets: string | undefined, options: ApplyOptions) => {
      const { applyCommand } = await import('./apply.ts')
      end(await applyCommand(await shell.open(), targets, options))
    })
}

function addHealth(program: Command, shell: Shell, end: (code: number) => void): void {
  sshOptions(fleetCommand(program, 'health [targets]', 'Is every device serving good time?'))
    .option('-w, --watch', 'look again every few seconds')
    .option('--interval <seconds>', 'time between two looks', seconds, 5)
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'nagios']))
    .addHelpText('after', examples('health', 'health --watch --interval 10'))
    .action(async (targets: string | undefined, options: HealthOptions) => {
      const { healthCommand } = await import('./health.ts')
      end(await healthCommand(await shell.open(), targets, options))
    })
}

function addClock(program: Command, shell: Shell, end: (code: number) => void): void {
  fleetCommand(program, 'clock [targets]', 'Measure every server: which clocks are right?')
    .option('-w, --watch', 'sweep again every few seconds')
    .option('--interval <seconds>', 'time between two sweeps, at least 5', seconds, 5)
    .option('--tree', 'also show who follows whom, loops and missing upstreams')
    .option('--plot', 'also draw offsets and error bounds')
    .option('--slo', 'also show availability and error budget')
    .option('--no-http', 'do not ask servers for the offset that they claim')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'prometheus']))
    .addHelpText('after', examples('clock', 'clock --watch --plot', 'clock --tree'))
    .action(async (targets: string | undefined, options: ClockOptions) => {
      const { clockCommand } = await import('./clock.ts')
      end(await clockCommand(await shell.open(), targets, options))
    })
}

function addInventory(program: Command, shell: Shell, end: (code: number) => void): void {
  program
    .command('inventory')
    .description("The inventory in Ansible's own JSON.")
    .option('-i, --inventory <file>', 'Ansible YAML inventory (default: inventory.yml)')
    .option('--list', 'all hosts and groups (default)')
    .option('--host <name>', 'variables of one host')
    .option('--graph', 'groups and hosts as a tree')
    .option('--import <hosts.txt>', 'turn lines of hostname,ip,stratum,gps,pps into an inventory')
    .addHelpText('after', examples('inventory --graph', 'inventory --import hosts.txt'))
    .action(async (options: InventoryOptions) => {
      const { inventoryCommand } = await import('./inventory.ts')
      end(await inventoryCommand(await shell.open(), options))
    })
}

function addOwnDevices(program: Command, own: OwnDevices, end: (code: number) => void): void {
  program
    .command('demo')
    .description(
      'Four devices on this machine: deploy them and watch their health. No root needed.',
    )
    .option('--once', 'end after the first look at their health')
    .option('--json', 'JSON lines; the last one is the result')
    .addHelpText('after', examples('demo', 'demo --once'))
    .action(async (options: { once?: boolean; json?: boolean }) => {
      end(await own.demo(options))
    })
  program
    .command('lab')
    .description('Virtual Pis with systemd, sshd, Docker and ntpd (needs root and Debian).')
    .argument('<action>', 'up, down or status', labAction)
    .option('--purge', 'with down: remove the cached images as well')
    .addHelpText('after', examples('lab up', 'lab down --purge'))
    .action(async (action: 'up' | 'down' | 'status', options: { purge?: boolean }) => {
      end(await own.lab(action, options))
    })
}

function sshOptions(command: Command): Command {
  return command.option(
    '--accept-new-host-keys',
    'pin the key of a device that was never seen; a changed key is always refused',
  )
}

function labAction(text: string): string {
  if (['up', 'down', 'status'].includes(text)) return text
  throw new InvalidArgumentError('It is one of up, down and status.')
}

function seconds(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 1 && value <= 3600) return value
  throw new InvalidArgumentError('It is a number of seconds from 1 to 3600.')
}

function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  timeball ${line}`)].join('\n')
}
