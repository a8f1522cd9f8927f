/** argv of `timeball audit`. */
import { InvalidArgumentError } from 'commander'
import type { AuditHead } from '../../core/controller/audit.ts'
import {
  examples,
  fleetFiles,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'
import { wholeFrom } from '../option-values.ts'
import type { ListOptions } from './list.ts'
import type { VerifyOptions } from './verify.ts'

export const auditEntry: CommandEntry = {
  usage: 'audit',
  summary: 'Who changed what, from here and by the API: list, verify, export.',
  define(audit, { shell, end }) {
    audit.addHelpText('after', examples('audit list', 'audit verify'))
    jsonOption(fleetFiles(audit.command('list')))
      .description('The newest lines, oldest first.')
      .option('--newest <number>', 'so many', wholeFrom(1, 1_000_000), 50)
      .addHelpText('after', examples('audit list', 'audit list --newest 500 --json'))
      .action(async (options: ListOptions) => {
        const { listCommand } = await import('./list.ts')
        end(await listCommand(await shell.open(), options))
      })
    jsonOption(fleetFiles(audit.command('verify [file]')))
      .description('Whether any line was altered, removed, moved or cut; of an export with a file.')
      .option('--head <seq:hash>', 'as it was noted elsewhere: the log still has to have it', head)
      .addHelpText('after', examples('audit verify', 'audit verify audit.jsonl'))
      .action(async (file: string | undefined, options: VerifyOptions) => {
        const { verifyCommand } = await import('./verify.ts')
        end(await verifyCommand(await shell.open(), file, options))
      })
    fleetFiles(audit.command('export'))
      .description('The whole log as JSON lines, which `audit verify FILE` can check anywhere.')
      .addHelpText('after', examples('audit export > audit.jsonl'))
      .action(async (options: FleetOptions) => {
        const { exportCommand } = await import('./export.ts')
        end(await exportCommand(await shell.open(), options))
      })
    refuseUnknown(audit)
  },
}

function head(text: string): AuditHead {
  const [, seq, hash] = /^(\d{1,12}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash }
  throw new InvalidArgumentError('It is the number of a line and its hash, as audit verify tells.')
}
