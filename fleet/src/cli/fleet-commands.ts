/** argv of the commands on devices of the inventory. */
import { Option } from 'commander'
import type { ApplyOptions } from './apply.ts'
import type { ClockOptions } from './clock.ts'
import {
  deviceOptions,
  examples,
  fleetFiles,
  hostKeyOption,
  type CommandEntry,
  inventorySources,
  jsonOption,
} from './command-entry.ts'
import type { HealthOptions } from './health.ts'
import type { InventoryOptions } from './inventory.ts'
import type { FleetOptions } from './context.ts'
import { secondsFrom } from './option-values.ts'
import type { PlanOptions } from './plan.ts'
import type { ReseatOptions } from './reseat.ts'

const plan: CommandEntry = {
  usage: 'plan [targets]',
  summary: 'Show what would change on each device.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('--offline', 'plan against empty devices and contact nobody')
      .option('--out <file>', 'save the plan, for apply --plan')
      .option('--diff', 'with the lines of changed files, as it does anyway')
      .option('--no-diff', 'leave out the lines of changed files')
      .option('--detailed-exitcode', 'exit with 2 when there are differences')
      .option('--allow-reboot', 'plan the reboots which changed boot configuration needs')
      .option(
        '--full',
        'ask devices for everything, also where nothing has changed since the last time',
      )
      .addHelpText('after', examples('plan --offline', 'plan stratum1 --detailed-exitcode'))
      .action(async (targets: string | undefined, options: PlanOptions) => {
        const { planCommand } = await import('./plan.ts')
        end(await planCommand(await shell.open(), targets, options))
      })
  },
}

const apply: CommandEntry = {
  usage: 'apply [targets]',
  summary: 'Make the changes that plan shows.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('--plan <file>', 'a plan saved by plan --out; refused when anything has moved since')
      .option('--check', 'change nothing, like plan')
      .option('--diff', 'show the lines of changed files')
      .option('--no-diff', 'leave out the lines of changed files, also with --check')
      .option('-y, --yes', 'do not ask')
      .option('--allow-rollback', 'also where it takes back the image of a rollout')
      .option('--allow-other-state', 'also what another state directory changed a moment ago')
      .option('--allow-reboot', 'reboot devices whose boot configuration changed')
      .option(
        '--full',
        'ask devices for everything, also where nothing has changed since the last time',
      )
      .addHelpText('after', examples('apply', 'apply --limit @failed --yes'))
      .action(async (targets: string | undefined, options: ApplyOptions) => {
        const { applyCommand } = await import('./apply.ts')
        end(await applyCommand(await shell.open(), targets, options))
      })
  },
}

const health: CommandEntry = {
  usage: 'health [targets]',
  summary: 'Is every device serving good time?',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('-w, --watch', 'check again every few seconds')
      .option('--interval <seconds>', 'time between two checks', secondsFrom(1, 3600), 5)
      .addOption(new Option('--format <format>', 'how to print').choices(['table', 'nagios']))
      .option(
        '--full',
        'ask devices for everything, also where nothing has changed since the last time',
      )
      .addHelpText('after', examples('health', 'health --watch --interval 10'))
      .action(async (targets: string | undefined, options: HealthOptions) => {
        const { healthCommand } = await import('./health.ts')
        end(await healthCommand(await shell.open(), targets, options))
      })
  },
}

const status: CommandEntry = {
  usage: 'status',
  summary: 'One screen about the fleet: time, trouble, drift, rollouts.',
  define(command, { shell, end }) {
    jsonOption(hostKeyOption(fleetFiles(command)))
      .addHelpText('after', examples('status', 'status --json'))
      .action(async (options: FleetOptions) => {
        const { statusCommand } = await import('./status.ts')
        end(await statusCommand(await shell.open(), options))
      })
  },
}

const clock: CommandEntry = {
  usage: 'clock [targets]',
  summary: 'Measure every server: which clocks are right?',
  define(command, { shell, end }) {
    deviceOptions(command)
      .option('-w, --watch', 'sweep again every few seconds')
      // Servers limit rates: four samples are answered every few seconds, not more often.
      .option('--interval <seconds>', 'time between two sweeps', secondsFrom(5, 3600), 5)
      .option('--tree', 'also show who follows whom, loops and missing upstreams')
      .option('--plot', 'also draw offsets and error bounds')
      .option('--slo', 'also show availability and error budget')
      .option('--no-http', 'do not ask servers for their self-reported offset')
      .addOption(new Option('--format <format>', 'how to print').choices(['table', 'prometheus']))
      .addHelpText('after', examples('clock', 'clock --watch --plot', 'clock --tree'))
      .action(async (targets: string | undefined, options: ClockOptions) => {
        const { clockCommand } = await import('./clock.ts')
        end(await clockCommand(await shell.open(), targets, options))
      })
  },
}

const inventory: CommandEntry = {
  usage: 'inventory',
  summary: "The inventory in Ansible's own JSON.",
  define(command, { shell, end }) {
    inventorySources(command)
      .option('--list', 'all hosts and groups (default)')
      .option('--host <name>', 'variables of one host')
      .option('--graph', 'groups and hosts as a tree')
      .option('--import <hosts.txt>', 'turn lines of hostname,ip,stratum,gps,pps into an inventory')
      .addHelpText('after', examples('inventory --graph', 'inventory --import hosts.txt'))
      .action(async (options: InventoryOptions) => {
        const { inventoryCommand } = await import('./inventory.ts')
        end(await inventoryCommand(await shell.open(), options))
      })
  },
}

const reseat: CommandEntry = {
  usage: 'reseat <targets>',
  summary: 'Give a device whose number of operations is wrong that of the fleet.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('-y, --yes', 'do not ask')
      .option('--allow-other-state', 'also what another state directory changed a moment ago')
      .addHelpText('after', examples('reseat pi-gps-01'))
      .action(async (targets: string, options: ReseatOptions) => {
        const { reseatCommand } = await import('./reseat.ts')
        end(await reseatCommand(await shell.open(), targets, options))
      })
  },
}

const recover: CommandEntry = {
  usage: 'recover',
  summary: 'Make a damaged state.db anew, out of what can still be read.',
  define(command, { shell, end }) {
    jsonOption(fleetFiles(command))
      .addHelpText('after', examples('recover', 'recover -C fleets/north'))
      .action(async (options: FleetOptions) => {
        const { recoverCommand } = await import('./recover.ts')
        end(await recoverCommand(await shell.open(), options))
      })
  },
}

export const fleetCommands = { plan, apply, status, health, clock, inventory, reseat, recover }
