/** `timeball secrets import`: from one store to another, verified value by value. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { importSecrets, type Imported } from '../../app/import-secrets.ts'
import { usualAgeFile, usualVaultFile, type SecretSettings } from '../../core/secrets/settings.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { refuseSecret } from './open-secrets.ts'
import { rowOf, secretRecord, showRows, type SecretRow } from './rows.ts'

export interface ImportOptions extends FleetOptions {
  readonly from: string
  readonly to?: string
  readonly overwrite?: boolean
}

export async function importCommand(context: Context, options: ImportOptions): Promise<ExitCode> {
  const read = await context.loadFleet(options)
  if (!read.ok) return refuse(context.terminal, read.failure)
  const loaded = read.value
  const own = loaded.fleet.settings.secrets
  const from = storeNamed(options.from, own)
  if (from === null) return refuseStore(context, options.from)
  const to = options.to === undefined ? own : storeNamed(options.to, own)
  if (to === null) return refuseStore(context, options.to)
  const store = await context.openSecrets(loaded, from)
  const openTarget = () => context.openSecrets(loaded, to)
  const imported = await importSecrets({
    from: store,
    openTarget,
    clashes: options.overwrite === true ? 'overwrite' : 'refuse',
    nowUnixMs: context.nowUnixMs(),
  })
  if (!imported.ok) {
    return refuseSecret(context, imported.failure.store, imported.failure.failure)
  }
  return await tell(context, await openTarget(), imported.value, options)
}

async function tell(
  context: Context,
  target: SecretStore,
  imported: readonly Imported[],
  options: ImportOptions,
): Promise<ExitCode> {
  const rows: SecretRow[] = []
  for (const { done, ...kept } of imported) rows.push(await rowOf(target, kept, done))
  const isWhole = rows.every(({ done }) => done !== 'failed')
  const exit = isWhole ? exitCodes.done : exitCodes.failed
  const records = await openRecords(context, options.json)
  for (const row of rows) records?.write(secretRecord(row))
  if (records !== null) return records.result(exit, {})
  if (rows.length === 0) context.terminal.say(`timeball: there are no secrets in ${options.from}`)
  else showRows(context, rows, 'with what was done')
  if (!isWhole) context.terminal.say(`timeball: what failed does not read back from ${target.name}`)
  return exit
}

function refuseStore({ terminal }: Context, word = ''): ExitCode {
  return refuse(terminal, [
    usageProblem(
      `${word} is no store`,
      'env, age, ansible-vault, or one of these with its file: age:FILE',
    ),
  ])
}

/** The fleet's own where its kind is named, and its identity for all; `null`: there is no such. */
function storeNamed(text: string, own: SecretSettings): SecretSettings | null {
  if (text === own.store) return own
  if (text === 'env') return { store: 'env' }
  const [, store, named] = /^(age|ansible-vault)(?::(.+))?$/.exec(text) ?? []
  if (store === 'age') {
    const file = named ?? usualAgeFile
    return own.store === 'age' ? { ...own, file } : { store, file }
  }
  if (store !== 'ansible-vault') return null
  const file = named ?? usualVaultFile
  return own.store === store ? { ...own, file } : { store, file, variables: {} }
}
