/** What `serve` gives its API: the fleet as its files say now, and what is remembered. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { ApiSource } from '../app/serve/api-source.ts'
import type { EventHub } from '../app/serve/event-hub.ts'
import { followRollouts } from '../app/serve/follow-rollouts.ts'
import { readFactsMemory, type Known } from '../core/ask/facts-memory.ts'
import { eventRecord } from '../core/rollout/show/records.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { AccessStore } from '../ports/access-store.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { Context, LoadedFleet } from './context.ts'
import { readOutlook } from './rollout/outlook-file.ts'
import { createToken } from './token/create.ts'

export function apiSource(
  context: Context,
  newest: () => LoadedFleet,
  kept: Pick<ApiSource, 'rollouts' | 'series' | 'events' | 'audit'>,
): ApiSource {
  return {
    ...kept,
    select: (pattern) => context.selectNames(newest(), pattern),
    facts: () => readFacts(context, newest()),
    readOutlook: (rollout) => readOutlook(context, newest(), rollout),
    nowUnixMs: () => context.nowUnixMs(),
  }
}

async function readFacts(
  context: Context,
  { stateFolder }: LoadedFleet,
): Promise<ReadonlyMap<string, Known>> {
  const kept = await context.readText(`${stateFolder}/facts.json`)
  return kept.ok ? readFactsMemory(kept.value) : new Map()
}

/** Until the command is told to stop. */
export async function tellRollouts(
  context: Context,
  store: RolloutStore,
  { events, log }: { readonly events: EventHub; readonly log: (line: string) => void },
): Promise<void> {
  const parts = {
    store,
    wait: (ms: number, signal: AbortSignal) => context.wait(ms, signal),
    log,
  }
  await followRollouts(
    {
      ...parts,
      tell: (rollout, event) => events.publish('rollout', { ...eventRecord(event), rollout }),
    },
    context.stop,
  )
}

export function clocksOf(context: Context): Pick<Context, 'nowMs' | 'nowUnixMs'> {
  return { nowMs: () => context.nowMs(), nowUnixMs: () => context.nowUnixMs() }
}

const day = 86_400_000

/**
 * Who may ask. Where nobody has a token yet, and somebody sees the screen, the first one is made and
 * shown. Of a failure was told already.
 */
export async function openPeople(
  context: Context,
  loaded: LoadedFleet,
): Promise<Result<AccessStore, ExitCode>> {
  const { terminal } = context
  const opened = await context.openAccess(loaded)
  if (!opened.ok) {
    terminal.say(`timeball: ${formatProblem(opened.failure)}`)
    return fail(exitCodes.failed)
  }
  const store = opened.value
  if (!terminal.isInteractive || (await store.tokens()).length > 0) return ok(store)
  const made = await createToken(context, store, {
    name: 'admin',
    role: 'admin',
    expires: 90 * day,
  })
  if (made !== null) {
    terminal.say(
      `timeball: the first token of the API, for admins, is shown this once: ${made.text}`,
    )
  }
  return ok(store)
}
