/** `timeball facts`: what the devices are and how they are. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { factsRecord } from '../../api/records/ask-records.ts'
import type { ExitCode } from '../../api/exit-codes.ts'
import { isWell, type Answered } from '../../core/ask/answer.ts'
import { factsScript, powerText, readFacts, type Facts } from '../../core/ask/facts.ts'
import {
  isFresh,
  readFactsMemory,
  writeFactsMemory,
  type Known,
} from '../../core/ask/facts-memory.ts'
import { formatTable, type Column } from '../../core/table.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { reach, type Reached } from '../start.ts'
import { askFleet, endOf, failedOf } from './ask-fleet.ts'

export interface FactsOptions extends FleetOptions {
  readonly refresh?: boolean
}

const memoryFile = 'facts.json'

export async function factsCommand(
  context: Context,
  targets: string | undefined,
  options: FactsOptions,
): Promise<ExitCode> {
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const { loaded, devices } = reached.value
  const kept = await context.readText(`${loaded.stateFolder}/${memoryFile}`)
  const known = new Map(kept.ok ? readFactsMemory(kept.value) : [])
  const answers = await learn(context, reached.value, known, options)
  const nowUnixMs = context.nowUnixMs()
  const rows = devices.flatMap(({ name }) => {
    const each = known.get(name)
    if (each === undefined) return []
    return [{ device: name, facts: each.facts, ageSeconds: (nowUnixMs - each.atUnixMs) / 1000 }]
  })
  const records = await openRecords(context, options.json)
  if (records === null) {
    for (const line of formatTable(rows, columns, context.terminal)) context.terminal.out(line)
  }
  for (const { device, facts, ageSeconds } of rows) {
    records?.write(factsRecord(device, facts, ageSeconds))
  }
  const failed = failedOf(answers)
  const exit = endOf(context, answers)
  return records?.result(exit, { failed }) ?? exit
}

/** Asks those that are not known freshly, and keeps what they say. */
async function learn(
  context: Context,
  reached: Reached,
  known: Map<string, Known>,
  { refresh }: FactsOptions,
): Promise<readonly Answered[]> {
  const { loaded, outside } = reached
  const now = context.nowUnixMs()
  const devices = reached.devices.filter(({ name }) => {
    const each = known.get(name)
    return refresh === true || each === undefined || !isFresh(each, now)
  })
  if (devices.length === 0) return []
  const question = { script: factsScript, as: 'root', seconds: 45, mostBytes: 16_384 } as const
  const answers = await askFleet(context, { ...reached, devices }, question, null)
  await outside.engine.close('keep')
  const atUnixMs = context.nowUnixMs()
  for (const answer of answers) {
    if (!answer.result.ok || !isWell(answer)) continue
    known.set(answer.device, { atUnixMs, facts: readFacts(answer.result.value.output) })
  }
  await context.keep(loaded, memoryFile, writeFactsMemory(known))
  return answers
}

interface Row {
  readonly device: string
  readonly facts: Facts
  readonly ageSeconds: number
}

const columns: readonly Column<Row>[] = [
  column('DEVICE', ({ device }) => device),
  column('MODEL', ({ facts }) => facts.model ?? facts.ansible_architecture ?? '?'),
  column('OS', ({ facts }) =>
    joined(facts.ansible_distribution, facts.ansible_distribution_version),
  ),
  column('KERNEL', ({ facts }) => facts.ansible_kernel ?? '?'),
  column('DOCKER', ({ facts }) => facts.docker ?? '?'),
  column('DISK FREE', ({ facts }) => partOf(facts.disk_free_mb, facts.disk_size_mb)),
  column('MEMORY FREE', ({ facts }) =>
    partOf(facts.memory_available_mb, facts.ansible_memtotal_mb),
  ),
  column('TEMP', ({ facts }) =>
    facts.temperature_celsius === null ? '?' : `${facts.temperature_celsius} °C`,
  ),
  column('POWER', ({ facts }) => powerText(facts.throttled)),
  column('RECEIVER', ({ facts }) => facts.receiver ?? '?'),
  column('UP', ({ facts }) => age(facts.ansible_uptime_seconds)),
  column('AGE', ({ ageSeconds }) => age(ageSeconds)),
]

function column(title: string, cell: Column<Row>['cell']): Column<Row> {
  return { title, align: 'left', shrink: false, cell }
}

function joined(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(' ') || '?'
}

function partOf(freeMb: number | null, sizeMb: number | null): string {
  if (freeMb === null || sizeMb === null) return '?'
  return `${gigabytes(freeMb)} of ${gigabytes(sizeMb)} GB`
}

function gigabytes(mb: number): string {
  return (mb / 1024).toFixed(1)
}

function age(seconds: number | null): string {
  return seconds === null ? '?' : formatSpan(seconds * 1_000)
}
