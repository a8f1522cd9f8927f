/** Writes what was exported into its folder, and says what changed there. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { compareFiles, replaceFiles, type FileChanges } from '../../app/monitoring/write-files.ts'
import type { Folder } from '../../ports/monitoring-host.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Records } from '../records.ts'
import type { Terminal } from '../terminal.ts'

export interface ExportTold {
  readonly terminal: Terminal
  /** `null`: lines for people. */
  readonly records: Records | null
  readonly check: boolean
}

export async function writeExport(
  folder: Folder,
  files: ReadonlyMap<string, string>,
  { terminal, records, check }: ExportTold,
): Promise<ExitCode> {
  const changes = await (check ? compareFiles : replaceFiles)(folder, files)
  if (!changes.ok) {
    terminal.say(`timeball: ${printable(changes.failure)}`)
    return exitCodes.failed
  }
  tell(changes.value, { terminal, records, check })
  const found = new Set(changes.value.values())
  if (found.has('foreign')) {
    terminal.say('timeball: foreign files were not written by timeball, or were changed since;')
    terminal.say('    move them away, or export into another folder. Nothing was written.')
    return exitCodes.conflict
  }
  const isSame = found.difference(new Set(['unchanged'])).size === 0
  const written = check ? 'differs' : 'written'
  if (records === null) terminal.out(`${folder.path}: ${isSame ? 'up to date' : written}`)
  return check && !isSame ? exitCodes.differences : exitCodes.done
}

function tell(changes: FileChanges, { terminal, records }: ExportTold): void {
  for (const [path, change] of changes) {
    if (records !== null) records.write({ type: 'file', path, change })
    else if (change !== 'unchanged') terminal.out(`${change.padEnd(9)} ${path}`)
  }
}
