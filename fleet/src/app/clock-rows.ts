/** The judgements of a sweep as rows of tables: with history, score, objective and claims. */
import { mapBounded } from '@timeball/lib/pool.ts'
import { objectiveOf } from '../core/clock/format-slo.ts'
import { rowOf, scoredSamples, type ClockRow } from '../core/clock/row.ts'
import { attainmentOf } from '../core/clock/slo.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { Outside } from './outside.ts'
import type { ClockSweep } from './sweep-clocks.ts'

export interface RowOptions {
  /** Asked for the offsets that servers claim; `null`: nobody is asked. */
  readonly outside: Pick<Outside, 'probeHttp'> | null
  readonly store: SampleStore
  /** Whether the whole history is read for the objective. */
  readonly objective: 'attained' | 'left-out'
  readonly signal: AbortSignal
}

/** The judgements of a sweep with history, score, objective and the servers' own word. */
export async function clockRows(
  sweep: ClockSweep,
  fleet: Fleet,
  { outside, store, objective, signal }: RowOptions,
): Promise<readonly ClockRow[]> {
  const goal = objectiveOf(fleet.settings.clock.slo)
  const sinceUnixMs = sweep.startedUnixMs - goal.days * dayMs
  const claims = outside === null ? null : await claimedOffsets(sweep, fleet, { outside, signal })
  const rows: ClockRow[] = []
  for (const judgement of sweep.judgements) {
    const { name } = judgement.server
    const row = rowOf(judgement, await store.history(name, sinceUnixMs, scoredSamples))
    const attainment =
      objective === 'left-out'
        ? null
        : attainmentOf(await store.history(name, sinceUnixMs, Number.MAX_SAFE_INTEGER), goal)
    rows.push({ ...row, attainment, claimedOffsetSeconds: claims?.get(name) ?? null })
  }
  return rows
}

const dayMs = 86_400_000
/** The claim is a courtesy: a server that is slow to make it is not waited for. */
const claimTimeoutMs = 800
const claimsAtOnce = 64

/** Only of servers that gave time, and that answer at once. */
async function claimedOffsets(
  sweep: ClockSweep,
  fleet: Fleet,
  { outside, signal }: { outside: Pick<Outside, 'probeHttp'>; signal: AbortSignal },
): Promise<ReadonlyMap<string, number>> {
  const measured = new Set(
    sweep.judgements.flatMap(({ server }) => (server.swept.result.ok ? [server.name] : [])),
  )
  const asked = fleet.devices.filter(({ name }) => measured.has(name))
  const limit = AbortSignal.any([signal, AbortSignal.timeout(claimTimeoutMs)])
  const claims = new Map<string, number>()
  const asking = mapBounded(asked, { limit: claimsAtOnce, signal: limit }, (device) =>
    outside.probeHttp(device, limit),
  )
  for await (const { item, value } of asking) {
    const offsetMs = value.ok ? value.value.ntp.offsetMs : null
    if (offsetMs !== null) claims.set(item.name, offsetMs / 1000)
  }
  return claims
}
