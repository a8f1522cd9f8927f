/** The desired state follows a branch: what is new is checked, and taken when it may be. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { devicePlan } from '../../api/records/plan-records.ts'
import { troubleOf } from '../../api/trouble.ts'
import { whyRefused } from '../../core/git/judge-commit.ts'
import {
  formatGitMemory,
  gitFile,
  nothingTaken,
  parseGitMemory,
  shortId,
  type Commit,
  type GitMemory,
  type NewestCommit,
} from '../../core/git/memory.ts'
import type { GitSettings } from '../../core/git/settings.ts'
import type { RolloutSummary } from '../../core/rollout/summary.ts'
import { sha256Hex } from '../../core/hash/sha256.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Commits } from '../../ports/commits.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { filesOf, lastSaid, unseen } from '../hear.ts'

export interface Following {
  readonly context: Context
  readonly loaded: LoadedFleet
  readonly settings: GitSettings
  readonly options: FleetOptions
  readonly commits: Commits
}

/** `null`: this fleet comes from no repository. */
export function following(
  context: Context,
  loaded: LoadedFleet,
  options: FleetOptions,
): Following | null {
  const { git: settings } = loaded.fleet.settings
  if (settings === undefined) return null
  return {
    context,
    loaded,
    settings,
    options,
    commits: context.openCommits(loaded, settings, options),
  }
}

export async function readGit(context: Context, { stateFolder }: LoadedFleet): Promise<GitMemory> {
  const text = await context.readText(`${stateFolder}/${gitFile}`)
  return text.ok ? parseGitMemory(text.value) : nothingTaken
}

export async function keepGit(
  { context, loaded }: Following,
  memory: GitMemory,
): Promise<GitMemory> {
  await context.keep(loaded, gitFile, formatGitMemory(memory))
  return memory
}

/** What was found wrong with a commit may have been the registry, or a disk. */
const againMs = 10 * 60_000

/** Fetches, and looks at what is new. Nothing is changed but what is remembered. */
export async function lookForCommit(follow: Following): Promise<GitMemory> {
  const { context, loaded, commits } = follow
  const memory = await readGit(context, loaded)
  const now = context.nowUnixMs()
  const fetched = await commits.fetch()
  if (!fetched.ok) return await keepGit(follow, { ...memory, trouble: fetched.failure })
  const commit = fetched.value
  const seen: GitMemory = { ...memory, fetched_unix_ms: now, trouble: null }
  const { running, newest } = memory
  if (running?.id === commit.id) return await keepGit(follow, { ...seen, newest: null })
  const isKnown = newest?.commit.id === commit.id
  if (isKnown && (newest.state !== 'refused' || now - newest.checked_unix_ms < againMs)) {
    return await keepGit(follow, seen)
  }
  if (running === null) {
    const isThere = await commits.isInPlace(commit.id)
    if (isThere.ok && isThere.value) return await keepGit(follow, { ...seen, running: commit })
  }
  return await keepGit(follow, { ...seen, newest: await check(follow, commit, running) })
}

async function check(
  follow: Following,
  commit: Commit,
  running: Commit | null,
): Promise<NewestCommit> {
  const { commits, settings, context } = follow
  const isAsked = settings.allowed_signers !== undefined
  const why = whyRefused(
    {
      relation: running === null ? null : await commits.relation(running.id, commit.id),
      signature: isAsked ? await commits.signature(commit.id) : null,
    },
    settings,
  )
  const planned = why === null ? await planOf(follow, commit.id, running?.id ?? null) : fail(why)
  const checked_unix_ms = context.nowUnixMs()
  return planned.ok
    ? { commit, state: 'pending', why: '', plan: planned.value.hash, checked_unix_ms }
    : {
        commit,
        state: 'refused',
        why: printable(planned.failure, 500),
        plan: null,
        checked_unix_ms,
      }
}

export interface CommitPlan {
  /** As `plan` shows it. */
  readonly lines: readonly string[]
  /** Over what would change on each device: 16 hex digits. */
  readonly hash: string
}

/** What a commit would change, as `plan` would say if its files were in place. */
export async function planOf(
  { commits, context, options }: Following,
  commit: string,
  running: string | null,
): Promise<Result<CommitPlan, string>> {
  const laid = await commits.layOut(commit, running)
  if (!laid.ok) return laid
  // Whoever may push runs nothing on this machine.
  const files: FleetOptions = { ...filesOf(options), ...laid.value, untrusted: true }
  const read = await context.loadFleet(files)
  if (!read.ok) return fail(read.failure.map(formatProblem)[0] ?? 'its files have mistakes')
  const { planCommand } = await import('../plan.ts')
  const hidden = unseen(context)
  const exit = await planCommand(hidden.context, undefined, { ...files, json: true })
  const isPlanned = exit === exitCodes.done || exit === exitCodes.devicesFailed
  if (!isPlanned) {
    const said = hidden.lines.filter((line) => !line.startsWith('{'))
    return fail(lastSaid(said) || 'it cannot be planned')
  }
  const shown = unseen(context)
  const lines: string[] = []
  const outStyled: Context['terminal']['outStyled'] = (styled) =>
    void lines.push(...styled.map(({ text }) => text))
  const terminal = { ...shown.context.terminal, outStyled }
  await planCommand({ ...shown.context, terminal }, undefined, files)
  return ok({ lines, hash: hashOf(hidden.lines) })
}

/** Over what would be changed; what digests of files a plan has is salted, and each time another. */
function hashOf(lines: readonly string[]): string {
  const plans = lines
    .filter((line) => line.startsWith('{"type":"device_plan"'))
    .map((line) => devicePlan.parse(JSON.parse(line)))
  const seen = plans.map(({ device, changes, base_generation, pending, reboot }) => {
    return { device, changes, base_generation, pending, reboot }
  })
  return sha256Hex(JSON.stringify(seen)).slice(0, 16)
}

/** Makes the fleet's files those of the commit, and rolls them out; a bad one is taken back. */
export async function takeCommit(follow: Following, commit: Commit): Promise<GitMemory> {
  const { context, commits, loaded } = follow
  const memory = await readGit(context, loaded)
  const put = await commits.putInPlace(commit.id, memory.running?.id ?? null)
  if (!put.ok) return await keepGit(follow, withNewest(follow, memory, 'pending', put.failure))
  const moving = await keepGit(follow, withNewest(follow, memory, 'moving', ''))
  return await conclude(follow, moving, await rollOut(follow, commit))
}

/** Goes on with a commit whose files are in place: what its rollout came to, or a new one. */
export async function goOnWith(follow: Following, memory: GitMemory): Promise<GitMemory> {
  const { newest } = memory
  if (newest === null) return memory
  const before = await rolloutOf(follow, newest)
  return before === null
    ? await takeCommit(follow, newest.commit)
    : await conclude(follow, memory, { exit: exitCodes.failed, said: '' })
}

interface RolledOut {
  readonly exit: ExitCode
  readonly said: string
}

async function conclude(
  follow: Following,
  memory: GitMemory,
  { exit, said }: RolledOut,
): Promise<GitMemory> {
  const { newest, running } = memory
  if (newest === null) return memory
  const rollout = await rolloutOf(follow, newest)
  const isOver = rollout === null ? exit === exitCodes.done : rollout.status === 'done'
  if (isOver) return await keepGit(follow, { ...memory, running: newest.commit, newest: null })
  // It goes on, here or elsewhere, or waits for somebody.
  if (rollout !== null && goesOn.has(rollout.status)) return memory
  const back =
    running === null ? ok(null) : await follow.commits.putInPlace(running.id, newest.commit.id)
  const what = rollout === null ? said : `rollout ${rollout.rollout} is ${rollout.status}`
  const why = back.ok ? what : `${what}; its files are still here: ${back.failure}`
  const state = rollout === null ? 'pending' : 'taken_back'
  return await keepGit(follow, withNewest(follow, memory, state, why))
}

const goesOn: ReadonlySet<RolloutSummary['status']> = new Set(['running', 'paused', 'rolling-back'])

function withNewest(
  { context }: Following,
  memory: GitMemory,
  state: NewestCommit['state'],
  why: string,
): GitMemory {
  const { newest } = memory
  if (newest === null) return memory
  const checked_unix_ms = context.nowUnixMs()
  return { ...memory, newest: { ...newest, state, why: printable(why, 500), checked_unix_ms } }
}

/** The one that was started for it; `null`: there is none, as where there was nothing to do. */
async function rolloutOf(
  { context, loaded }: Following,
  { commit, checked_unix_ms: since }: NewestCommit,
): Promise<RolloutSummary | null> {
  const all = await context.knownRollouts(loaded)
  const why = `commit ${shortId(commit.id)} `
  return all.find((each) => each.why.startsWith(why) && each.startedUnixMs >= since - 1000) ?? null
}

async function rollOut(
  { context, options }: Following,
  { id, author, subject }: Commit,
): Promise<RolledOut> {
  const { startCommand } = await import('../rollout/start.ts')
  const { context: heard, lines } = unseen(context)
  const why = `commit ${shortId(id)} of ${author}: ${subject}`
  try {
    const exit = await startCommand(heard, {
      ...filesOf(options),
      yes: true,
      allowRollback: true,
      why,
    })
    return { exit, said: lastSaid(lines) }
  } catch (error) {
    return { exit: exitCodes.failed, said: troubleOf(error).message }
  }
}
