/** `timeball rollout list`, `show` and `unblock`: what was, and what is blocked because of it. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { readRollout } from '../../app/operate/control-rollout.ts'
import { unblockRelease } from '../../app/operate/unblock-release.ts'
import { listView } from '../../core/rollout/show/list-view.ts'
import {
  eventRecord,
  blockedRecord,
  statusRecord,
  summaryRecord,
} from '../../core/rollout/show/records.ts'
import { timelineView } from '../../core/rollout/show/timeline-view.ts'
import type { Context, FleetOptions } from '../context.ts'
import { sayUnreadable } from '../open-store.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'
import { didYouMean, findRollout, withRollouts } from './rollouts.ts'
import { shortHex } from '../../core/short-digest.ts'

export function listCommand(context: Context, options: FleetOptions): Promise<ExitCode> {
  return withRollouts(context, options, async ({ store }) => {
    const [rollouts, blocked] = [await store.list(), await store.blocked()]
    const records = await openRecords(context, options.json)
    if (records !== null) {
      for (const summary of rollouts) {
        records.write({ type: 'rollout_summary', ...summaryRecord(summary) })
      }
      return records.result(exitCodes.done, { blocked: blocked.map(blockedRecord) })
    }
    for (const line of listView(rollouts, blocked, context.terminal)) context.terminal.out(line)
    return exitCodes.done
  })
}

export function showCommand(
  context: Context,
  named: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  return withRollouts(context, options, async (rollouts) => {
    const found = await findRollout(context, rollouts, named)
    if (!found.ok) return found.failure
    await sayUnreadable(context, rollouts.store, found.value)
    const events = await rollouts.store.events(found.value)
    const records = await openRecords(context, options.json)
    if (records !== null) {
      for (const event of events) {
        records.write({ ...eventRecord(event), type: 'event', rollout: found.value })
      }
      const look = { nowMs: events.at(-1)?.atUnixMs ?? 0, outlook: null }
      const state = await readRollout(rollouts.store, found.value)
      records.write({ type: 'rollout', ...statusRecord(state, look) })
      return records.result(exitCodes.done, { rollout: found.value })
    }
    for (const line of timelineView(events, context.terminal)) context.terminal.out(line)
    return exitCodes.done
  })
}

export function unblockCommand(
  context: Context,
  named: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  return withRollouts(context, options, async ({ store }) => {
    const { terminal } = context
    const unblocked = await unblockRelease(store, named)
    if (!unblocked.ok) {
      const { meant, blocked } = unblocked.failure
      const what = meant > 1 ? `${meant} releases are meant` : 'no such release is blocked'
      const names = blocked.map(({ digest }) => shortHex(digest))
      const fix =
        names.length === 0
          ? null
          : (didYouMean(named ?? '', names) ?? `blocked: ${names.join(', ')}`)
      return refuse(terminal, [usageProblem(what, fix)])
    }
    const only = unblocked.value
    const records = await openRecords(context, options.json)
    if (records !== null) return records.result(exitCodes.done, { unblocked: blockedRecord(only) })
    terminal.out(
      `Unblocked: ${only.image} may be applied again (blocked since ${only.rollout} was rolled back: ${only.why}).`,
    )
    return exitCodes.done
  })
}
