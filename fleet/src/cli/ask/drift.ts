/** `timeball drift`: what differs from what it should be, whose doing that is, and since when. */
import { failureRecord } from '../../api/records/make-records.ts'
import { explain } from '../../api/explain.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { findDrift, type FoundDrift } from '../../app/ask/find-drift.ts'
import { driftLines } from '../../core/ask/drift-view.ts'
import { namesOf } from '../../core/ask/fold.ts'
import type { Context, FleetOptions } from '../context.ts'
import { keepFailed } from '../keep-failed.ts'
import { openRecords } from '../records.ts'
import { start } from '../start.ts'

export interface DriftOptions extends FleetOptions {
  readonly detailedExitcode?: boolean
}

export async function driftCommand(
  context: Context,
  targets: string | undefined,
  options: DriftOptions,
): Promise<ExitCode> {
  const { terminal, stop, abort } = context
  const started = await start(context, targets, options, 'change')
  if (!started.ok) return started.failure
  const { loaded, prepared, outside } = started.value
  const run = { stop, abort, emit: () => {}, full: true }
  const found = await findDrift(prepared, outside, run)
  await outside.engine.close('keep')
  const failed = found.failed.map(({ device }) => device)
  await keepFailed(context, loaded, failed)
  const records = await openRecords(context, options.json)
  for (const { sinceUnixMs, ...drift } of found.drifts) {
    records?.write({ type: 'drift', ...drift, since_unix_ms: sinceUnixMs })
  }
  if (records === null) show(context, found, prepared.devices.length)
  for (const { device, failure } of found.failed) {
    terminal.heard?.errors.push({ device, ...failureRecord(failure) })
  }
  for (const [why, alike] of Map.groupBy(found.failed, ({ failure }) => explain(failure))) {
    terminal.say(`timeball: ${namesOf(alike.map(({ device }) => device))}: ${why}`)
  }
  const exit = stop.aborted ? exitCodes.interrupted : exitOf(found, options)
  return records?.result(exit, { failed }) ?? exit
}

function show(context: Context, { drifts, failed }: FoundDrift, all: number): void {
  const { terminal } = context
  const layout = { color: terminal.color, width: terminal.width, nowUnixMs: context.nowUnixMs() }
  for (const line of driftLines(drifts, layout)) terminal.out(line)
  const names = [...new Set(drifts.map(({ device }) => device))]
  const clean = all - names.length - failed.length
  if (clean + names.length === 0) return terminal.out('Drift is not known: no device was reached.')
  if (names.length === 0) return terminal.out(`No drift: ${clean} up to date.`)
  const mended = namesWhere(drifts, ({ cause }) => cause !== 'unattended')
  const known = namesWhere(drifts, ({ cause }) => cause === 'unattended')
  terminal.out(
    [
      `${clean} of ${all} up to date`,
      ...(mended.length === 0
        ? []
        : [`timeball plan shows the lines, timeball apply mends ${namesOf(mended)}`]),
      ...(known.length === 0 ? [] : [`timeball upgrade takes ${namesOf(known)} as known`]),
    ].join('; '),
  )
}

function namesWhere(
  drifts: FoundDrift['drifts'],
  is: (drift: FoundDrift['drifts'][number]) => boolean,
): readonly string[] {
  return [...new Set(drifts.filter(is).map(({ device }) => device))]
}

function exitOf({ drifts, failed }: FoundDrift, { detailedExitcode }: DriftOptions): ExitCode {
  if (failed.length > 0) return exitCodes.devicesFailed
  return drifts.length > 0 && detailedExitcode === true ? exitCodes.differences : exitCodes.done
}
