/** How a rotation went, and what is next. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { KeyRecord } from '../../api/records/key-record.ts'
import type { KeyOutcome } from '../../app/keys/rotate-keys.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Context, LoadedFleet } from '../context.ts'
import { keepFailed } from '../keep-failed.ts'
import type { Records } from '../records.ts'
import { showKeys } from './rows.ts'

export async function tellRotation(
  context: Context,
  loaded: LoadedFleet,
  outcomes: readonly KeyOutcome[],
  records: Records | null,
): Promise<ExitCode> {
  const failed = outcomes.filter(({ status }) => status === 'failed').map(({ device }) => device)
  await keepFailed(context, loaded, failed)
  const exit = context.stop.aborted
    ? exitCodes.interrupted
    : failed.length > 0
      ? exitCodes.devicesFailed
      : exitCodes.done
  const rows = outcomes.map(rowOf)
  for (const row of rows) records?.write(row)
  if (records !== null) return records.result(exit, { failed })
  showKeys(context, rows)
  for (const line of nextSteps(outcomes)) context.terminal.say(`timeball: ${line}`)
  return exit
}

function rowOf({ device, status, fingerprint, overlapLeftMs, failure }: KeyOutcome): KeyRecord {
  return {
    type: 'key',
    ...{ device, status, fingerprint },
    set_at_unix_ms: null,
    shared_by: 1,
    overlap_left_seconds: overlapLeftMs === null ? null : overlapLeftMs / 1000,
    code: failure?.code ?? null,
    message: failure?.detail ?? null,
  }
}

function nextSteps(outcomes: readonly KeyOutcome[]): readonly string[] {
  const left = outcomes.flatMap(({ overlapLeftMs }) => overlapLeftMs ?? [])
  const isStuck = outcomes.some(({ status }) => status === 'failed')
  return [
    ...(isStuck ? ['those that failed keep the keys that they have; run it again'] : []),
    ...(left.length === 0
      ? []
      : [
          'give clients the new keys: timeball secrets get DEVICE/API_KEY_2 --reveal',
          `in ${formatSpan(Math.max(...left))}, end it with: timeball keys rotate`,
        ]),
  ]
}
