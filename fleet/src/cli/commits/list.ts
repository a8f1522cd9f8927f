/** `timeball commits`: which commit runs, and what becomes of the newest one. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { CommitRecord } from '../../api/records/commit-record.ts'
import { shortId, type GitMemory } from '../../core/git/memory.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { readFleet } from '../start.ts'
import { noRepository } from './approve.ts'
import { readGit } from './follow.ts'
import { newestText } from './keep-following.ts'

/** As it was when it was last looked; the remote is not asked. */
export async function listCommits(context: Context, options: FleetOptions): Promise<ExitCode> {
  const { terminal } = context
  const read = await readFleet(context, undefined, options)
  if (!read.ok) return read.failure
  const { loaded } = read.value
  if (loaded.fleet.settings.git === undefined) return refuse(terminal, [noRepository])
  const memory = await readGit(context, loaded)
  const records = await openRecords(context, options.json)
  for (const record of recordsOf(memory)) records?.write(record)
  if (records !== null) return records.result(exitCodes.done, {})
  for (const line of commitLines(memory, context.nowUnixMs())) terminal.out(line)
  return exitCodes.done
}

export function commitLines(memory: GitMemory, nowUnixMs: number): readonly string[] {
  const { running, newest, trouble, fetched_unix_ms: fetched } = memory
  const runs =
    running === null
      ? 'no commit runs yet'
      : `commit ${shortId(running.id)} runs: ${running.subject} (${running.author})`
  const asked = fetched === null ? 'never' : `${formatSpan(nowUnixMs - fetched)} ago`
  return [
    runs,
    ...(newest === null ? [] : [newestText(newest)]),
    ...(trouble === null ? [] : [`stale: ${trouble}; the remote last answered ${asked}`]),
  ]
}

function recordsOf({ running, newest, trouble, fetched_unix_ms }: GitMemory): CommitRecord[] {
  const common = { type: 'commit', fetched_unix_ms, trouble } as const
  return [
    ...(running === null
      ? []
      : [{ ...common, ...running, state: 'running' as const, why: '', plan: null }]),
    ...(newest === null
      ? []
      : [
          {
            ...common,
            ...newest.commit,
            state: newest.state,
            why: newest.why,
            plan: newest.plan,
          },
        ]),
  ]
}
