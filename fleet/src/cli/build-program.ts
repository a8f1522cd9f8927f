/** The tree of commands, for commander. */
import { Command } from 'commander'
import { accessEntry } from './access/access-program.ts'
import { enrollEntry } from './access/enroll-program.ts'
import { askingCommands } from './ask/program.ts'
import { auditEntry } from './audit/program.ts'
import { backupEntry } from './backup/program.ts'
import { approveEntry, commitsEntry } from './commits/program.ts'
import { completeEntry, completionEntry } from './completion/program.ts'
import { refuseUnknown, type CommandEntry, type CommandParts } from './command-entry.ts'
import { deviceEntry } from './device-program.ts'
import { exportEntry } from './export/program.ts'
import { fleetCommands } from './fleet-commands.ts'
import { directoryFlags, directoryMeans } from './global-options.ts'
import { explainEntry, helpEntry, initEntry } from './help-program.ts'
import { gpsEntry } from './gps/program.ts'
import { imageEntry } from './image/program.ts'
import { monitoringEntry } from './monitoring-program.ts'
import { ownDevicesCommands, type OwnDevices } from './own-devices-program.ts'
import { rolloutEntry } from './rollout/program.ts'
import { keysEntry } from './keys/program.ts'
import { schedulesEntry } from './schedules/program.ts'
import { secretsEntry } from './secrets/program.ts'
import { serveEntry } from './serve-program.ts'
import { serviceEntry } from './service/program.ts'
import { stateEntry } from './state/program.ts'
import { tokenEntry } from './token/program.ts'

export interface ProgramParts extends CommandParts {
  readonly own: OwnDevices
}

/** By what people come for, in the order of the help. */
function groupsOf(own: OwnDevices): Readonly<Record<string, readonly CommandEntry[]>> {
  const { plan, apply, status, health, clock, inventory, reseat, recover } = fleetCommands
  const { ping, doctor, facts, run, ssh, cp, ps, logs, drift, ...acts } = askingCommands
  const { demo, lab } = ownDevicesCommands(own)
  return {
    'Begin:': [demo, initEntry, lab, explainEntry, completionEntry, completeEntry, helpEntry],
    'Change the fleet:': [plan, apply, rolloutEntry, commitsEntry, approveEntry, imageEntry],
    'Is time good?': [
      status,
      health,
      clock,
      serveEntry,
      serviceEntry,
      schedulesEntry,
      monitoringEntry,
    ],
    'Ask devices:': [ping, doctor, facts, drift, ps, logs, gpsEntry],
    'Act on devices:': [run, ssh, cp, acts.restart, acts.reboot, acts.upgrade],
    'Keys and access:': [
      ...[enrollEntry, accessEntry, secretsEntry, keysEntry],
      ...[tokenEntry, auditEntry],
    ],
    'Backup and repair:': [backupEntry, deviceEntry, reseat, recover, stateEntry],
    'Other tools:': [inventory, exportEntry],
  }
}

/** Options are defined of those commands only that `words` has. */
export function buildProgram(words: readonly string[], parts: ProgramParts): Command {
  const { shell, own } = parts
  const program = new Command('timeball')
    .description('Keeps a fleet of UTC time servers in time.')
    .version(shell.version)
    .option(directoryFlags, directoryMeans)
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => shell.terminal.out(text.trimEnd()),
      writeErr: (text) => shell.terminal.say(text.trimEnd()),
      // Else commander asks Node's streams, which take long to make.
      getOutHelpWidth: () => shell.terminal.width ?? usualWidth,
      getErrHelpWidth: () => shell.terminal.width ?? usualWidth,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', firstSteps)
    .addHelpText('after', moreHelp)
  const groups = groupsOf(own)
  for (const [heading, entries] of Object.entries(groups)) {
    for (const entry of entries) {
      const hidden = entry.isHidden === true
      const command = program.command(entry.usage, { hidden }).description(entry.summary)
      command.helpGroup(heading)
      if (words.includes(command.name())) entry.define(command, parts)
    }
  }
  refuseUnknown(program, (word) => wordBelow(word, Object.values(groups).flat(), parts))
  return program
}

/** The command that words name, as far as they name one. */
export function commandIn(program: Command, words: readonly string[]): Command {
  let found = program
  for (const word of words) {
    found = found.commands.find((each) => each.name() === word) ?? found
  }
  return found
}

/** `rollout status` for `status`. */
function wordBelow(
  word: string,
  entries: readonly CommandEntry[],
  parts: CommandParts,
): string | null {
  const group = entries.find((entry) => {
    const command = new Command(entry.usage)
    entry.define(command, parts)
    return command.commands.some((each) => each.name() === word)
  })
  return group === undefined ? null : `${group.usage} ${word}`
}

const usualWidth = 80

const firstSteps = `
Examples:
  timeball demo                          four devices on this machine, deployed and watched
  timeball plan -i inventory.yml         what would change; contacts the devices, changes nothing
  timeball apply --limit stratum2        make the changes on one group
  timeball health --watch                is every device serving good time?`

const moreHelp = `
Exit codes: 0 done, 1 failed, 3 some devices failed, 64 bad usage; all: timeball help exit-codes
Options can be set once for all commands: timeball help environment`
