/** `timeball schedules`: what runs by itself, how it went, and when it runs next. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { ScheduleRecord } from '../../api/records/schedule-record.ts'
import { seeSchedules } from '../../app/schedules/keep-schedules.ts'
import type { ScheduleSeen } from '../../core/schedules/seen.ts'
import { formatTable, type Column } from '../../core/table.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { readFleet } from '../start.ts'
import { timeText } from '../backup/rows.ts'
import { scheduleWorld } from './world.ts'

export async function listSchedules(context: Context, options: FleetOptions): Promise<ExitCode> {
  const { terminal } = context
  const read = await readFleet(context, undefined, options)
  if (!read.ok) return read.failure
  const { loaded } = read.value
  const world = scheduleWorld(context, loaded, options)
  const all = await seeSchedules(loaded.fleet.settings.schedules, world)
  const records = await openRecords(context, options.json)
  for (const each of all) records?.write(scheduleRecord(each))
  if (records !== null) return records.result(exitCodes.done, {})
  if (all.length === 0) {
    terminal.out('Nothing is scheduled; schedules: in fleet.yaml says what is, and when.')
    return exitCodes.done
  }
  for (const line of formatTable(all, columns(context.nowUnixMs()), terminal)) terminal.out(line)
  return exitCodes.done
}

export function scheduleRecord({ name, schedule, memory, nextUnixMs }: ScheduleSeen) {
  return {
    type: 'schedule',
    name,
    cron: schedule.cron,
    zone: schedule.zone,
    last: memory.last,
    last_good_unix_ms: memory.good_unix_ms,
    next_unix_ms: nextUnixMs,
  } as const satisfies ScheduleRecord
}

function columns(nowUnixMs: number): readonly Column<ScheduleSeen>[] {
  return [
    column('SCHEDULE', ({ name }) => name),
    column('WHEN', ({ schedule: { cron, zone } }) => `${cron} ${zone}`),
    column('LAST', ({ memory: { last } }) =>
      last === null ? 'never' : `${formatSpan(nowUnixMs - last.started_unix_ms)} ago`,
    ),
    column('NEXT', ({ nextUnixMs }) => nextText(nextUnixMs, nowUnixMs)),
    { ...column('RESULT', resultText), shrink: true },
  ]
}

function nextText(nextUnixMs: number | null, nowUnixMs: number): string {
  if (nextUnixMs === null) return 'never'
  return nextUnixMs <= nowUnixMs ? 'due' : timeText(nextUnixMs)
}

function resultText({ memory: { last } }: ScheduleSeen): string {
  return last === null ? '' : `${last.outcome}: ${last.message}`
}

function column(title: string, cell: (row: ScheduleSeen) => string): Column<ScheduleSeen> {
  return { title, align: 'left', shrink: false, cell }
}
