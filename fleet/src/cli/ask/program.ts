/** argv of the commands that ask devices, or act on many at once. */
import type { FleetOptions } from '../context.ts'
import {
  another,
  deviceOptions,
  examples,
  fleetFiles,
  hostKeyOption,
  jsonOption,
  type CommandEntry,
} from '../command-entry.ts'
import type { CopyOptions } from './cp.ts'
import type { DoctorOptions } from './doctor.ts'
import type { DriftOptions } from './drift.ts'
import type { FactsOptions } from './facts.ts'
import type { LogsOptions } from './logs.ts'
import { secondsFrom, wholeFrom } from '../option-values.ts'
import type { TurnsOptions } from './take-all.ts'
import type { Action } from './turns.ts'
import type { UpgradeOptions } from './upgrade.ts'
import type { RunOptions } from './run.ts'

const run: CommandEntry = {
  usage: 'run [targets] [words...]',
  summary: 'Run a command on many devices; those that say the same are shown once.',
  define(command, { shell, end, afterDashes }) {
    hostKeyOption(deviceOptions(command))
      .usage('[options] [targets] -- COMMAND')
      .option('--sudo', 'as root; else as the user who logs in')
      .option('--script <file>', 'send this file and run it, by what its #! line says, else by sh')
      .option('--timeout <seconds>', 'time that each device has', secondsFrom(1, 86_400), 60)
      .addHelpText(
        'after',
        examples(
          'run -- uptime',
          "run stratum1 --sudo -- 'journalctl -u gpsd | tail -3'",
          'run --script check.sh --timeout 300',
        ),
      )
      .action(async (targets: string | undefined, _: readonly string[], options: RunOptions) => {
        const { runOnMany } = await import('./run.ts')
        const isTarget = command.args.length > (afterDashes?.length ?? 0)
        end(
          await runOnMany(await shell.open(), isTarget ? targets : undefined, afterDashes, options),
        )
      })
  },
}

const ping: CommandEntry = {
  usage: 'ping [targets]',
  summary: 'Which layer fails on the way to each device, and the line that mends it.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .addHelpText('after', examples('ping', 'ping @failed'))
      .action(async (targets: string | undefined, options: FleetOptions) => {
        const { pingCommand } = await import('./ping.ts')
        end(await pingCommand(await shell.open(), targets, options))
      })
  },
}

const ps: CommandEntry = {
  usage: 'ps [targets]',
  summary: 'The containers of all devices.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .addHelpText('after', examples('ps', 'ps stratum2 --json'))
      .action(async (targets: string | undefined, options: FleetOptions) => {
        const { psCommand } = await import('./ps.ts')
        end(await psCommand(await shell.open(), targets, options))
      })
  },
}

const logs: CommandEntry = {
  usage: 'logs [targets]',
  summary: 'What the time servers logged, of all devices in the order of time.',
  define(command, { shell, end }) {
    // -f is --fleet everywhere, and -F is what tail has for it, too.
    hostKeyOption(deviceOptions(command))
      .option('-F, --follow', 'go on with what is logged from now on, until Ctrl-C')
      .option('--since <time>', 'such as 10m, 2h, or 2026-11-29T02:00:00Z')
      .option('--grep <pattern>', 'only lines that match this extended regular expression')
      .option('--tail <lines>', 'the newest of each device (default: 100)', wholeFrom(1, 10_000))
      .addHelpText('after', examples('logs pi-gps-01', 'logs --since 1h --grep error', 'logs -F'))
      .action(async (targets: string | undefined, options: LogsOptions) => {
        const { logsCommand } = await import('./logs.ts')
        end(await logsCommand(await shell.open(), targets, options))
      })
  },
}

const facts: CommandEntry = {
  usage: 'facts [targets]',
  summary: 'What the devices are and how they are: model, system, disk, heat, power.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('--refresh', 'ask again, also those that were asked within the hour')
      .addHelpText('after', examples('facts', 'facts stratum1 --refresh --json'))
      .action(async (targets: string | undefined, options: FactsOptions) => {
        const { factsCommand } = await import('./facts.ts')
        end(await factsCommand(await shell.open(), targets, options))
      })
  },
}

const drift: CommandEntry = {
  usage: 'drift [targets]',
  summary: 'What is not up to date on devices, whose doing that is, and since when.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('--detailed-exitcode', 'exit with 2 when there are differences')
      .addHelpText('after', examples('drift', 'drift stratum1 --detailed-exitcode'))
      .action(async (targets: string | undefined, options: DriftOptions) => {
        const { driftCommand } = await import('./drift.ts')
        end(await driftCommand(await shell.open(), targets, options))
      })
  },
}

const doctor: CommandEntry = {
  usage: 'doctor [targets]',
  summary: 'What is wrong with this machine, or with devices, and the line that mends it.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('--fix', 'mend what timeball apply mends: its plan, a question, and reboots in turn')
      .option('-y, --yes', 'with --fix, do not ask')
      .addHelpText(
        'after',
        examples('doctor', 'doctor pi-gps-01', 'doctor stratum1 --fix', 'doctor all --json'),
      )
      .action(async (targets: string | undefined, options: DoctorOptions) => {
        const { doctorCommand } = await import('./doctor.ts')
        end(await doctorCommand(await shell.open(), targets, options))
      })
  },
}

const ssh: CommandEntry = {
  usage: 'ssh <device> [words...]',
  summary: 'A session on a device, as the inventory says how to reach it.',
  define(command, { shell, end, afterDashes }) {
    hostKeyOption(fleetFiles(command))
      .usage('[options] <device> [-- COMMAND]')
      .addHelpText('after', examples('ssh pi-gps-01', 'ssh pi-gps-01 -- cgps -s'))
      .action(async (device: string, _words: readonly string[], options: FleetOptions) => {
        const { sshCommand } = await import('./ssh.ts')
        end(await sshCommand(await shell.open(), device, afterDashes, options))
      })
  },
}

const cp: CommandEntry = {
  usage: 'cp <from> <to>',
  summary: 'Copy a file to many devices, or from many devices here.',
  define(command, { shell, end }) {
    hostKeyOption(jsonOption(fleetFiles(command)))
      .option('--sudo', 'as root; else as the user who logs in')
      .option('--timeout <seconds>', 'time that each device has', secondsFrom(1, 86_400), 60)
      .addHelpText(
        'after',
        examples('cp motd stratum1:/etc/motd --sudo', 'cp all:/var/log/dpkg.log logs/'),
      )
      .action(async (from: string, to: string, options: CopyOptions) => {
        const { copyCommand } = await import('./cp.ts')
        end(await copyCommand(await shell.open(), [from, to], options))
      })
  },
}

const summaries = {
  restart: 'Restart the time servers, one after another, while the quorum allows it.',
  reboot: 'Reboot devices, one after another, while the quorum allows it.',
} as const

function turns(action: Action): CommandEntry {
  return {
    usage: `${action} [targets]`,
    summary: summaries[action],
    define(command, { shell, end }) {
      hostKeyOption(deviceOptions(command))
        .option('-y, --yes', 'do not ask')
        .option('--allow-quorum-loss', 'also where too few good servers are left meanwhile')
        .option('--allow-other-state', 'also what another state directory changed a moment ago')
        .addHelpText('after', examples(`${action} pi-ntp-01`, `${action} stratum2 --yes`))
        .action(async (targets: string | undefined, options: TurnsOptions) => {
          const { turnsCommand } = await import('./turns.ts')
          end(await turnsCommand(await shell.open(), action, targets, options))
        })
    },
  }
}

const upgrade: CommandEntry = {
  usage: 'upgrade [targets]',
  summary: 'Upgrade the packages of the system, one device after another, rebooted where needed.',
  define(command, { shell, end }) {
    hostKeyOption(deviceOptions(command))
      .option('--security', 'only what comes from an archive of security fixes')
      .option('--package <name[=version]>', 'only this one, also an older version', another)
      .option('--dry-run', 'show which versions would be installed, and install none')
      .option('--no-reboot', 'only name the devices that need a reboot afterwards')
      .option('-y, --yes', 'do not ask')
      .option('--allow-quorum-loss', 'also where too few good servers are left meanwhile')
      .option('--allow-other-state', 'also what another state directory changed a moment ago')
      .option('--override-freeze <reason>', 'go on in a freeze window')
      .addHelpText(
        'after',
        examples(
          ...['upgrade --dry-run', 'upgrade --security', 'upgrade stratum2 --yes --no-reboot'],
          'upgrade --package gpsd=3.25-4',
        ),
      )
      .action(async (targets: string | undefined, options: UpgradeOptions) => {
        const { upgradeCommand } = await import('./upgrade.ts')
        end(await upgradeCommand(await shell.open(), targets, options))
      })
  },
}

export const askingCommands = {
  ...{ ping, doctor, facts, run, ssh, cp, ps, logs, drift },
  ...{ restart: turns('restart'), reboot: turns('reboot'), upgrade },
}
