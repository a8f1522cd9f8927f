/**
 * Backups kept by restic(1), driven by its JSON: deduplication, encryption and the places that it
 * can keep them are its own. Each archive is one file of one snapshot, on standard input, so nothing
 * of it is on a disk here. Seen with restic 0.14 and 0.18.
 */
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type {
  BackupAbout,
  BackupFailure,
  BackupStore,
  BackupWriter,
  DataPart,
  KeptBackup,
  Verified,
} from '../../../ports/backup-store.ts'
import { once } from '../../secrets/once.ts'
import { isNotThere, resticCall, type CallRestic, type ResticOptions } from './call-restic.ts'
import { pipe } from './pipe.ts'

const tag = 'timeball'
const snapshots = z.array(
  z.object({
    id: z.string().regex(/^[0-9a-f]{64}$/),
    time: z.string(),
    hostname: z.string(),
    summary: z.object({ total_bytes_processed: z.number() }).optional(),
  }),
)

const saved = z.object({
  message_type: z.literal('summary'),
  snapshot_id: z.string().regex(/^[0-9a-f]{8,64}$/),
  total_bytes_processed: z.number(),
})

export function resticRepository(options: ResticOptions): BackupStore {
  const call = resticCall(options)
  const list = (): ReturnType<BackupStore['list']> => listSnapshots(call)
  const prepared = once(() => prepare(call))
  return {
    name: `restic ${withoutPassword(options.repository)}`,
    notes: [],
    list,
    async begin(about) {
      const ready = await prepared()
      return ready.ok ? ok(writer(about, call)) : ready
    },
    async read(id, visit) {
      const kept = await list()
      if (!kept.ok) return kept
      const backup = kept.value.find((each) => each.id === id)
      if (backup === undefined) return fail(missing(id))
      return await dump(call, backup, visit)
    },
    verify: (data) => check(call, data),
    async remove(ids) {
      if (ids.size === 0) return ok(null)
      // A backup that was cut off has left its lock.
      await call({ args: ['unlock'] })
      const done = await call({ args: ['forget', '--prune', ...ids] })
      return done.ok ? ok(null) : done
    },
  }
}

async function listSnapshots(call: CallRestic): ReturnType<BackupStore['list']> {
  const said = await call({ args: ['snapshots', '--tag', tag] })
  if (!said.ok) return isNotThere(said.failure) ? ok([]) : said
  const read = snapshots.safeParse(parsed(said.value))
  if (!read.success) return fail(strange)
  const kept = read.data.map(({ id, time, hostname, summary }): KeptBackup => ({
    id: id.slice(0, 8),
    subject: hostname,
    takenAtUnixMs: Date.parse(time),
    bytes: summary?.total_bytes_processed ?? null,
  }))
  return ok(kept.toSorted((one, other) => one.takenAtUnixMs - other.takenAtUnixMs))
}

/** The repository is made with the first backup. */
async function prepare(call: CallRestic): Promise<Result<null, BackupFailure>> {
  const there = await call({ args: ['cat', 'config'] })
  if (there.ok) return ok(null)
  if (!isNotThere(there.failure)) return there
  const made = await call({ args: ['init'] })
  return made.ok ? ok(null) : made
}

async function dump(
  call: CallRestic,
  { id, subject }: KeptBackup,
  visit: (part: Uint8Array) => Promise<void>,
): Promise<Result<null, BackupFailure>> {
  let refused: { readonly error: unknown } | null = null
  const dumped = await call({
    args: ['dump', id, `/${fileOf(subject)}`],
    async onStdout(chunk) {
      try {
        if (refused === null) await visit(chunk)
      } catch (error) {
        refused = { error }
      }
      return 'more'
    },
  })
  throwIf(refused)
  return dumped.ok ? ok(null) : dumped
}

/** What a visitor threw goes to whoever gave it. */
function throwIf(refused: { readonly error: unknown } | null): void {
  if (refused !== null) throw refused.error
}

async function check(
  call: CallRestic,
  data: DataPart | null,
): Promise<Result<Verified, BackupFailure>> {
  const subset = data === null ? [] : [`--read-data-subset=${data.part + 1}/${data.of}`]
  const checked = await call({ args: ['check', ...subset] })
  if (checked.ok) return ok({ damaged: new Map(), mistakes: [], bytes: null })
  if (!/error|damaged/i.test(checked.failure.detail)) return checked
  // restic does not say whose it is, so none of them is good.
  const kept = await listSnapshots(call)
  if (!kept.ok) return kept
  const damaged = new Map(kept.value.map(({ id }) => [id, 'the repository is damaged']))
  return ok({ damaged, mistakes: [checked.failure.detail], bytes: null })
}

function writer({ subject, takenAtUnixMs }: BackupAbout, call: CallRestic): BackupWriter {
  const input = pipe()
  const args = [
    ...['backup', '--stdin', '--stdin-filename', fileOf(subject)],
    ...['--host', subject, '--tag', tag, '--time', localTime(takenAtUnixMs)],
  ]
  const done = call({ args, stdin: input.source }).then((ended) => {
    input.stopReading(ended.ok ? 'it has ended' : ended.failure.detail)
    return ended
  })
  return {
    write: (part) => input.push(part),
    async commit() {
      input.end()
      const ended = await done
      if (!ended.ok) return ended
      const last = ended.value.trimEnd().split('\n').at(-1) ?? ''
      const summary = saved.safeParse(parsed(last))
      if (!summary.success) return fail(strange)
      const { snapshot_id: whole, total_bytes_processed: bytes } = summary.data
      return ok({ id: whole.slice(0, 8), subject, takenAtUnixMs, bytes })
    },
    async abandon() {
      input.fail()
      await done
    },
  }
}

/** restic reads times as those of this machine's zone. */
function localTime(unixMs: number): string {
  const local = Temporal.Instant.fromEpochMilliseconds(unixMs).toZonedDateTimeISO(
    Temporal.Now.timeZoneId(),
  )
  return local.toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', ' ')
}

function fileOf(subject: string): string {
  return `${subject}.tar`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function missing(id: string): BackupFailure {
  return { code: 'missing', detail: `there is no backup ${id}`, hint: 'timeball backup list' }
}

const strange: BackupFailure = {
  code: 'unavailable',
  detail: 'restic answers in a way that is not known',
  hint: 'its version is too old, or too new: restic version',
}

/** `rest:https://me:secret@host/` has one. */
function withoutPassword(repository: string): string {
  return repository.replace(/:[^:/@]*@/, ':…@')
}
