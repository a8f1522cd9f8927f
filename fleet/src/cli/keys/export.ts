/** `timeball keys export`: the keys for those who use them, in a file of their own or to a program. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { exportKeys } from '../../app/keys/export-keys.ts'
import { formatExport, type ExportForm } from '../../core/keys/format-export.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { refuseSecret } from '../secrets/open-secrets.ts'
import { readFleet } from '../start.ts'
import { readProofs } from './proof-file.ts'

export interface ExportOptions extends FleetOptions {
  /** `-`: standard output. */
  readonly out: string
  readonly format: ExportForm
}

export async function exportCommand(
  context: Context,
  targets: string | undefined,
  options: ExportOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const mistake = mistakeIn(context, options)
  if (mistake !== null) return refuse(terminal, [mistake])
  const selected = await readFleet(context, targets, options)
  if (!selected.ok) return selected.failure
  const { loaded, devices } = selected.value
  const store = await context.openSecrets(loaded)
  const keys = await exportKeys(store, devices, await readProofs(context, loaded))
  if (!keys.ok) return refuseSecret(context, store, keys.failure)
  const text = formatExport(options.format, keys.value)
  if (options.out !== '-') return await writeKeys(context, options, text)
  terminal.out(text.trimEnd())
  return exitCodes.done
}

function mistakeIn({ terminal }: Context, { out, json }: ExportOptions): Problem | null {
  if (out !== '-') return null
  if (json === true) {
    const what = '--out - writes the keys alone: they are in no JSON'
    return usageProblem(what, 'leave out --json, or name a file')
  }
  if (terminal.width === null) return null
  return usageProblem('keys are not shown on a terminal', 'name a file, or pipe it into a program')
}

async function writeKeys(
  context: Context,
  { out: path, json }: ExportOptions,
  text: string,
): Promise<ExitCode> {
  const records = await openRecords(context, json)
  const failure = await context.writeFile(path, text)
  if (failure !== null) {
    refuse(context.terminal, [failure.problem])
    const exit = failure.isUsage ? exitCodes.usage : exitCodes.failed
    return records?.result(exit, {}) ?? exit
  }
  records?.write({ type: 'file', path, change: 'written' })
  if (records === null) context.terminal.say(`timeball: ${path}: keys, in clear`)
  return records?.result(exitCodes.done, {}) ?? exitCodes.done
}
