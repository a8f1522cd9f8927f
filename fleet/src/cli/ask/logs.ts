/** `timeball logs`: what the time servers logged, of all devices in the order of time. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { askMany } from '../../app/ask/ask-many.ts'
import type { Answered } from '../../core/ask/answer.ts'
import {
  lineCutter,
  logsScript,
  mergeByTime,
  readLogLine,
  readSince,
  type LogLine,
} from '../../core/ask/log-lines.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords, type Records } from '../records.ts'
import { reach, type Reached } from '../start.ts'
import { askFleet, endOf, failedOf } from './ask-fleet.ts'
import { mostBytes } from './run.ts'

export interface LogsOptions extends FleetOptions {
  readonly follow?: boolean
  readonly since?: string
  readonly grep?: string
  /** Lines of each device. */
  readonly tail?: number
}

const usualTail = 100
/** With `--since`, whose bound is the time. */
const longTail = 10_000

export async function logsCommand(
  context: Context,
  targets: string | undefined,
  options: LogsOptions,
): Promise<ExitCode> {
  const { terminal, stop } = context
  const since = options.since === undefined ? undefined : readSince(options.since)
  if (since === null) {
    const what = `--since ${options.since} is no time`
    return refuse(terminal, [usageProblem(what, 'such as 10m, 2h, or 2026-11-29T02:00:00Z')])
  }
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const records = await openRecords(context, options.json)
  const screen = { records, width: widthOf(reached.value) }
  const show = options.follow === true ? followLogs : readLogs
  const answers = await show(context, reached.value, scriptOf(since ?? null, options), screen)
  await reached.value.outside.engine.close('keep')
  const failed = failedOf(answers)
  // Whoever follows ends it himself, and then all the rest is called off.
  const isOver = options.follow === true && stop.aborted
  const exit = isOver ? exitCodes.interrupted : endOf(context, answers)
  return records?.result(exit, { failed }) ?? exit
}

function scriptOf(since: string | null, { grep, follow = false, tail }: LogsOptions): string {
  const lines = tail ?? (since === null ? usualTail : longTail)
  return logsScript({ since, grep: grep ?? null, tail: lines, follow })
}

interface Screen {
  readonly records: Records | null
  /** Of the column of names. */
  readonly width: number
}

function widthOf({ devices }: Reached): number {
  return Math.max(0, ...devices.map(({ name }) => name.length))
}

async function readLogs(
  context: Context,
  reached: Reached,
  script: string,
  screen: Screen,
): Promise<readonly Answered[]> {
  const question = { script, as: 'root', seconds: 60, mostBytes } as const
  const answers = await askFleet(context, reached, question, null)
  const lines = answers.flatMap(({ device, result }) => {
    if (!result.ok || result.value.exit !== 0) return []
    return linesOf(result.value.output).map((line) => readLogLine(device, line))
  })
  show(context, mergeByTime(lines), screen)
  return answers
}

function linesOf(output: string): readonly string[] {
  return output.split('\n').filter((line) => line !== '')
}

/** How long a line is held back, so that one of another device that is older comes before it. */
const holdMs = 500
/** A day; whoever follows for longer begins anew. */
const longestSeconds = 86_400
const mostFollowedBytes = 4 * 1024 ** 3

async function followLogs(
  context: Context,
  { devices, outside }: Reached,
  script: string,
  screen: Screen,
): Promise<readonly Answered[]> {
  const question = { script, as: 'root', seconds: longestSeconds, mostBytes: mostFollowedBytes }
  const held: LogLine[] = []
  const cutters = new Map(devices.map(({ name }) => [name, lineCutter()]))
  const take = (device: string, lines: readonly string[] = []): void => {
    for (const line of lines) held.push(readLogLine(device, printable(line, longestShown)))
  }
  const ended = new AbortController()
  const pour = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await context.wait(holdMs, ended.signal)
      show(context, mergeByTime(held.splice(0)), screen)
    }
  }
  const poured = pour()
  const answers: Answered[] = []
  const asking = {
    reach: { outside, abort: context.stop },
    stop: context.stop,
    parallel: devices.length,
    onPart: (device: string, part: Uint8Array): void =>
      take(device, cutters.get(device)?.push(part)),
  }
  for await (const answer of askMany(devices, { ...question, as: 'root' }, asking)) {
    take(answer.device, cutters.get(answer.device)?.rest())
    answers.push(answer)
    const isWanted = !context.stop.aborted && !answer.result.ok
    if (isWanted) context.terminal.say(`timeball: ${answer.device} is not followed any more`)
  }
  ended.abort()
  await poured
  show(context, mergeByTime(held.splice(0)), screen)
  return answers
}

const longestShown = 4096

function show({ terminal }: Context, lines: readonly LogLine[], { records, width }: Screen): void {
  for (const line of lines) {
    if (records !== null) records.write({ type: 'log_line', ...line })
    else terminal.out(`${shortTime(line.time)} ${line.device.padEnd(width)} ${line.text}`)
  }
}

/** To the millisecond: what is beyond it is a difference of clocks. */
function shortTime(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.')
  return time === '' ? '-' : `${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}
