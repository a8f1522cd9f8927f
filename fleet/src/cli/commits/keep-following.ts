/** The part of a controller that follows the branch. */
import { shortId, type GitMemory, type NewestCommit } from '../../core/git/memory.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import {
  following,
  goOnWith,
  lookForCommit,
  readGit,
  takeCommit,
  type Following,
} from './follow.ts'

export interface KeptFollowing {
  readonly context: Context
  readonly options: FleetOptions
  /** As the fleet's files say now. */
  readonly loaded: () => LoadedFleet
  readonly log: (line: string) => void
}

const idleMs = 15_000

/** Runs until `stop` of the context fires. One process at a time follows. */
export async function keepFollowing(parts: KeptFollowing): Promise<void> {
  const { context, log } = parts
  let told: string | null = null
  while (!context.stop.aborted) {
    const loaded = parts.loaded()
    const news = await oneRound(parts, loaded).catch((error: unknown) => `git: ${String(error)}`)
    if (news !== null && news !== told) log(news)
    told = news ?? told
    await context.wait(loaded.fleet.settings.git?.poll ?? idleMs, context.stop)
  }
}

async function act(follow: Following, seen: GitMemory): Promise<GitMemory> {
  const { newest, trouble } = seen
  if (newest?.state === 'moving') return await goOnWith(follow, seen)
  const mayTake = follow.settings.policy === 'auto' && trouble === null
  if (newest?.state !== 'pending' || !mayTake) return seen
  return await takeCommit(follow, newest.commit)
}

/** `null`: there is nothing to tell. */
async function oneRound(
  { context, options }: KeptFollowing,
  loaded: LoadedFleet,
): Promise<string | null> {
  const follow = following(context, loaded, options)
  const endTurn = follow === null ? null : context.takeTurn(loaded, 'git')
  if (follow === null || endTurn === null) return null
  try {
    const before = await readGit(context, loaded)
    return changed(before, await act(follow, await lookForCommit(follow)))
  } finally {
    endTurn()
  }
}

function changed(before: GitMemory, { trouble, newest, running }: GitMemory): string | null {
  if (trouble !== null) return `git: ${trouble}; the fleet stays as it is`
  if (newest !== null) return newestText(newest)
  if (running === null || running.id === before.running?.id) return null
  return `commit ${shortId(running.id)} runs: ${running.subject} (${running.author})`
}

const stateWords: Readonly<Record<NewestCommit['state'], string>> = {
  pending: 'waits',
  moving: 'is rolled out',
  refused: 'is refused',
  taken_back: 'was taken back',
}

export function newestText({ commit, state, why, plan }: NewestCommit): string {
  const { id, subject, author } = commit
  const approve = state === 'pending' && why === '' && plan !== null
  const how = approve ? `: timeball approve ${shortId(id)} --plan ${plan}` : ''
  const reason = why === '' ? how : `: ${why}`
  return `commit ${shortId(id)} (${subject}, ${author}) ${stateWords[state]}${reason}`
}
