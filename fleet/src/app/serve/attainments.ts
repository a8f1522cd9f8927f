/** What is left of each server's error budget, brought up to date a few servers at a time. */
import { objectiveOf } from '../../core/clock/format-slo.ts'
import type { ClockRow } from '../../core/clock/row.ts'
import type { SampleStore } from '../../ports/sample-store.ts'
import { attainmentOf, type Attainment } from '../../core/clock/slo.ts'
import type { Settings } from '../../core/settings/settings.ts'

export type Attain = (
  rows: readonly ClockRow[],
  settings: Settings,
  nowUnixMs: number,
) => Promise<readonly ClockRow[]>

/** A month of one server is read in about 0.1 s, while nothing else is done. */
const atOnce = 4
const dayMs = 86_400_000

/** Rows with their objective: of each call's servers only the next few are counted anew. */
export function attainments(store: SampleStore): Attain {
  let known = new Map<string, Attainment>()
  let turn = 0
  return async (rows, settings, nowUnixMs) => {
    const goal = objectiveOf(settings.clock.slo)
    const names = rows.map(({ judgement }) => judgement.server.name)
    for (let index = 0; index < Math.min(atOnce, names.length); index += 1) {
      const name = names[turn % names.length]
      turn += 1
      if (name === undefined) continue
      const samples = await store.history(
        name,
        nowUnixMs - goal.days * dayMs,
        Number.MAX_SAFE_INTEGER,
      )
      known.set(name, attainmentOf(samples, goal))
    }
    known = new Map([...known].filter(([name]) => names.includes(name)))
    return rows.map((row) => ({
      ...row,
      attainment: known.get(row.judgement.server.name) ?? null,
    }))
  }
}
