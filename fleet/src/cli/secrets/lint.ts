/** `timeball secrets lint`: no secret stands in clear in the repository, nor in its history. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { plaintextFinder, type KnownSecret } from '../../core/secrets/find-plaintext.ts'
import { formatTable, type Column } from '../../core/table.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { openSecrets, refuseSecret } from './open-secrets.ts'

interface Found {
  readonly commit: string | null
  readonly path: string
  readonly line: number
  readonly what: string
}

/** More are not shown; they are counted. */
const shown = 200

export async function lintCommand(context: Context, options: FleetOptions): Promise<ExitCode> {
  const { terminal } = context
  const opened = await openSecrets(context, options)
  if (!opened.ok) return opened.failure
  const { store, loaded } = opened.value
  const kept = await store.list()
  if (!kept.ok) return refuseSecret(context, store, kept.failure)
  const known: KnownSecret[] = []
  for (const place of kept.value) {
    const secret = await store.get(place)
    if (secret.ok) known.push({ ...place, secret: secret.value })
  }
  const find = plaintextFinder(known)
  const found = new Map<string, Found>()
  const read = await context.repositoryLines(loaded, ({ text, ...place }) => {
    for (const what of find(text)) {
      const key = `${place.commit ?? ''} ${place.path} ${what}`
      if (!found.has(key)) found.set(key, { ...place, path: printable(place.path), what })
    }
  })
  if (!read.ok) {
    terminal.say(`timeball: the repository cannot be read: ${read.failure}`)
    return exitCodes.failed
  }
  const notes = await notesOf(store, kept.value.length - known.length)
  return await tell(context, [...found.values()], { notes, options })
}

async function notesOf(store: SecretStore, unread: number): Promise<readonly string[]> {
  const notes = await store.notes()
  if (unread === 0) return notes
  return [
    ...notes,
    `${unread} secrets cannot be decrypted here, so their values were not looked for`,
  ]
}

async function tell(
  context: Context,
  found: readonly Found[],
  { notes, options }: { readonly notes: readonly string[]; readonly options: FleetOptions },
): Promise<ExitCode> {
  const { terminal } = context
  const exit = found.length + notes.length > 0 ? exitCodes.failed : exitCodes.done
  const records = await openRecords(context, options.json)
  for (const each of found) records?.write({ type: 'plaintext', ...each })
  if (records !== null) return records.result(exit, { warnings: notes })
  if (found.length > 0) {
    for (const line of formatTable(found.slice(0, shown), columns, terminal)) terminal.out(line)
    if (found.length > shown) terminal.out(`… and ${found.length - shown} more`)
    terminal.say('timeball: what a repository had once, others may have: rotate these keys')
  }
  for (const note of notes) terminal.say(`warning: ${note}`)
  if (exit === exitCodes.done) terminal.say('timeball: no secret stands in clear here')
  return exit
}

const columns: readonly Column<Found>[] = [
  column('COMMIT', ({ commit }) => commit?.slice(0, 12) ?? '(now)'),
  column('FILE', ({ path, line }) => `${path}:${line}`),
  column('WHAT', ({ what }) => what),
]

function column(title: string, cell: (row: Found) => string): Column<Found> {
  return { title, align: 'left', shrink: false, cell }
}
