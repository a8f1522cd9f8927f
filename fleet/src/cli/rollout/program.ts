/** argv of `timeball rollout`. */
import type { Command } from 'commander'
import type { RolloutRequest } from '../../core/rollout/event.ts'
import type { FleetOptions } from '../context.ts'
import {
  examples,
  fleetFiles,
  hostKeyOption,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
  type CommandParts,
} from '../command-entry.ts'
import type { ControlOptions } from './control.ts'
import type { StartOptions } from './start.ts'
import type { StatusOptions } from './status.ts'

export const rolloutEntry: CommandEntry = {
  usage: 'rollout',
  summary: 'Moves the fleet to a release in waves, and takes it back when that goes wrong.',
  define(rollout, parts) {
    rollout.addHelpText(
      'after',
      examples(
        'rollout start --dry-run --image localhost/mcp-utc-time-server:0.2.0',
        'rollout start --image localhost/mcp-utc-time-server:0.2.0 --why "leap fix"',
        'rollout status --watch',
        'rollout show',
      ),
    )
    addStart(rollout, parts)
    addViews(rollout, parts)
    addControls(rollout, parts)
    refuseUnknown(rollout)
  },
}

function command(rollout: Command, nameAndArgs: string, summary: string): Command {
  return jsonOption(fleetFiles(rollout.command(nameAndArgs).description(summary)))
}

function addStart(rollout: Command, { shell, end }: CommandParts): void {
  hostKeyOption(command(rollout, 'start', 'Show what would move where, ask, and move it.'))
    .option('--image <ref>', 'image to move to (default: that of fleet.yaml)')
    .option('--why <text>', 'is kept in the record')
    .option('-l, --limit <pattern>', 'only these devices')
    .option('--dry-run', 'show the waves, and why each device is where it is; change nothing')
    .option('-y, --yes', 'do not ask')
    .option('--allow-quorum-loss', 'go on where the quorum cannot be kept; is recorded')
    .option('--allow-rollback', 'also where it takes back the image of another rollout')
    .option('--allow-other-state', 'also what another state directory changed a moment ago')
    .option('--override-freeze <reason>', 'go on in a freeze window; is recorded')
    .addHelpText(
      'after',
      examples(
        'rollout start --dry-run',
        'rollout start --image ghcr.io/timeball/mcp-utc-time-server:0.2.0 --why "leap fix"',
      ),
    )
    .action(async (options: StartOptions) => {
      const { startCommand } = await import('./start.ts')
      end(await startCommand(await shell.open(), options))
    })
}

function addViews(rollout: Command, { shell, end }: CommandParts): void {
  command(rollout, 'status [id]', 'Where the newest rollout is, or the one that is named.')
    .option('-w, --watch', 'until it is over; exits as the rollout did')
    .addHelpText('after', examples('rollout status', 'rollout status --watch'))
    .action(async (id: string | undefined, options: StatusOptions) => {
      const { statusCommand } = await import('./status.ts')
      end(await statusCommand(await shell.open(), id, options))
    })
  command(rollout, 'list', 'All rollouts, the newest first, and the releases that are blocked.')
    .addHelpText('after', examples('rollout list'))
    .action(async (options: FleetOptions) => {
      const { listCommand } = await import('./history.ts')
      end(await listCommand(await shell.open(), options))
    })
  command(rollout, 'show [id]', 'What happened when, and what became of each device.')
    .addHelpText('after', examples('rollout show', 'rollout show --json'))
    .action(async (id: string | undefined, options: FleetOptions) => {
      const { showCommand } = await import('./history.ts')
      end(await showCommand(await shell.open(), id, options))
    })
  command(rollout, 'unblock [release]', 'Let a release be applied again that was rolled back.')
    .addHelpText('after', examples('rollout unblock'))
    .action(async (release: string | undefined, options: FleetOptions) => {
      const { unblockCommand } = await import('./history.ts')
      end(await unblockCommand(await shell.open(), release, options))
    })
}

const controls = {
  pause: 'Start no further device.',
  resume: 'Go on, also after a crash.',
  promote: 'Go on after the canaries, or with what was not certain.',
  abort: 'End it; what `on_abort` says is rolled back.',
  rollback: 'Take back all that moved.',
} as const satisfies Record<RolloutRequest['action'], string>

const actions = ['pause', 'resume', 'promote', 'abort', 'rollback'] as const

function addControls(rollout: Command, { shell, end }: CommandParts): void {
  for (const action of actions) {
    hostKeyOption(command(rollout, `${action} [id]`, controls[action]))
      .option('--why <text>', 'is kept in the record')
      .option('-y, --yes', 'do not ask, as it does anyway')
      .addHelpText('after', examples(`rollout ${action}`, `rollout ${action} --why "leap fix"`))
      .action(async (named: string | undefined, options: ControlOptions) => {
        const { controlCommand } = await import('./control.ts')
        end(await controlCommand(await shell.open(), { action, named }, options))
      })
  }
}
