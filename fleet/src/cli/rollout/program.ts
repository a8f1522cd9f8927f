/** argv of `timeball rollout`. */
import type { Command } from 'commander'
import type { ExitCode } from '../../api/exit-codes.ts'
import type { RolloutRequest } from '../../core/rollout/event.ts'
import type { FleetOptions } from '../context.ts'
import type { Shell } from '../shell.ts'
import type { ControlOptions } from './control.ts'
import type { StartOptions } from './start.ts'
import type { StatusOptions } from './status.ts'

export interface RolloutProgram {
  readonly shell: Shell
  readonly end: (code: ExitCode) => void
}

const examples = `
Examples:
  timeball rollout start --dry-run --image ghcr.io/timeball/mcp-utc-time-server:0.2.0
  timeball rollout start --image ghcr.io/timeball/mcp-utc-time-server:0.2.0 --why "leap fix"
  timeball rollout status --watch
  timeball rollout show`

export function addRollout(program: Command, parts: RolloutProgram): void {
  const rollout = program
    .command('rollout')
    .description('Moves the fleet to a release in waves, and takes it back when that goes wrong.')
    .addHelpText('after', examples)
  addStart(rollout, parts)
  addViews(rollout, parts)
  addControls(rollout, parts)
}

function command(rollout: Command, nameAndArgs: string, summary: string): Command {
  return rollout
    .command(nameAndArgs)
    .description(summary)
    .option('-i, --inventory <file>', 'Ansible YAML inventory (default: inventory.yml)')
    .option('-f, --fleet <file>', 'settings (default: fleet.yaml beside the inventory)')
    .option('--json', 'JSON lines; the last one is the result')
}

const hostKeys = [
  '--accept-new-host-keys',
  'pin the key of a device that was never seen; a changed key is always refused',
] as const

function addStart(rollout: Command, { shell, end }: RolloutProgram): void {
  command(rollout, 'start', 'Show what would move where, ask, and move it.')
    .option('--image <ref>', 'image to move to (default: that of fleet.yaml)')
    .option('--why <text>', 'is kept in the record')
    .option('-l, --limit <pattern>', 'only these devices')
    .option('--dry-run', 'show the waves, and why each device is where it is; change nothing')
    .option('-y, --yes', 'do not ask')
    .option('--allow-quorum-loss', 'go on where the quorum cannot be kept; is recorded')
    .option('--override-freeze <reason>', 'go on in a freeze window; is recorded')
    .option(...hostKeys)
    .action(async (options: StartOptions) => {
      const { startCommand } = await import('./start.ts')
      end(await startCommand(await shell.open(), options))
    })
}

function addViews(rollout: Command, { shell, end }: RolloutProgram): void {
  command(rollout, 'status [id]', 'Where the newest rollout is, or the one that is named.')
    .option('-w, --watch', 'until it is over; exits as the rollout did')
    .action(async (id: string | undefined, options: StatusOptions) => {
      const { statusCommand } = await import('./status.ts')
      end(await statusCommand(await shell.open(), id, options))
    })
  command(
    rollout,
    'list',
    'All rollouts, the newest first, and the releases that are blocked.',
  ).action(async (options: FleetOptions) => {
    const { listCommand } = await import('./history.ts')
    end(await listCommand(await shell.open(), options))
  })
  command(rollout, 'show [id]', 'What happened when, and what became of each device.').action(
    async (id: string | undefined, options: FleetOptions) => {
      const { showCommand } = await import('./history.ts')
      end(await showCommand(await shell.open(), id, options))
    },
  )
  command(
    rollout,
    'unblock [release]',
    'Let a release be applied again that was rolled back.',
  ).action(async (release: string | undefined, options: FleetOptions) => {
    const { unblockCommand } = await import('./history.ts')
    end(await unblockCommand(await shell.open(), release, options))
  })
}

const controls = {
  pause: 'Start no further device.',
  resume: 'Go on, also after a crash.',
  promote: 'Go on after the canaries, or with what was not certain.',
  abort: 'End it; what on_abort says goes back.',
  rollback: 'Take back all that moved.',
} as const satisfies Record<RolloutRequest['action'], string>

const actions = ['pause', 'resume', 'promote', 'abort', 'rollback'] as const

function addControls(rollout: Command, { shell, end }: RolloutProgram): void {
  for (const action of actions) {
    command(rollout, `${action} [id]`, controls[action])
      .option('--why <text>', 'is kept in the record')
      .option(...hostKeys)
      .action(async (named: string | undefined, options: ControlOptions) => {
        const { controlCommand } = await import('./control.ts')
        end(await controlCommand(await shell.open(), { action, named }, options))
      })
  }
}
