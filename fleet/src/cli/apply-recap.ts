/** How an apply went, device by device: what is printed when it is over. */
import { explain } from '../api/explain.ts'
import type { DeviceOutcome } from '../core/plan/event.ts'
import { foldNames } from '../core/plan/names.ts'
import { formatTable, type Column, type TableLayout } from '../core/table.ts'

export function recapOf(outcomes: readonly DeviceOutcome[], layout: TableLayout): string[] {
  return ['', ...formatTable(foldAlike(outcomes), recapColumns, layout), '', summaryOf(outcomes)]
}

/** Devices to which the same happened, when it was a failure, are one row. */
function foldAlike(outcomes: readonly DeviceOutcome[]): DeviceOutcome[] {
  const groups = Map.groupBy(outcomes, (outcome) => {
    const { device, status, changed, generation, service, failure } = outcome
    const what = [status, changed, generation, service, failure?.code, failure?.detail]
    return JSON.stringify(isUnfinished(outcome) ? what : [device])
  })
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const names = [first, ...others].map(({ device }) => device)
    return others.length === 0
      ? [first]
      : [{ ...first, device: `${foldNames(names)} (${names.length})` }]
  })
}

/** The new state is not on it, or that is not known. */
export function isUnfinished({ status }: DeviceOutcome): boolean {
  return status === 'failed' || status === 'lost' || status === 'not-reached'
}

const tones = {
  changed: 'good',
  unchanged: 'dim',
  failed: 'bad',
  lost: 'bad',
  'not-reached': 'warn',
} as const satisfies Record<DeviceOutcome['status'], string>

const recapColumns: readonly Column<DeviceOutcome>[] = [
  { title: 'DEVICE', align: 'left', shrink: false, cell: ({ device }) => device },
  {
    title: 'RESULT',
    align: 'left',
    shrink: false,
    cell: ({ status }) => ({ text: status, tone: tones[status] }),
  },
  { title: 'CHANGES', align: 'right', shrink: false, cell: ({ changed }) => String(changed) },
  {
    title: 'GEN',
    align: 'right',
    shrink: false,
    cell: ({ generation }) => String(generation ?? '?'),
  },
  { title: 'TIME SERVICE', align: 'left', shrink: false, cell: serviceCell },
  {
    title: 'WHY',
    align: 'left',
    shrink: true,
    cell: ({ failure, status, serviceReason }) => {
      if (failure !== null) return explain(failure)
      if (serviceReason !== null) return serviceReason
      return status === 'not-reached' ? 'left alone: the operation stopped before it' : ''
    },
  },
]

function serviceCell({ service }: DeviceOutcome): { text: string; tone: 'good' | 'warn' | 'dim' } {
  if (service === 'serving') return { text: 'good', tone: 'good' }
  if (service === 'settling') return { text: 'not yet', tone: 'warn' }
  return { text: '-', tone: 'dim' }
}

function summaryOf(outcomes: readonly DeviceOutcome[]): string {
  const groups = Map.groupBy(outcomes, ({ status }) => status)
  const parts = [...groups].map(([status, members]) => {
    const names = members.some(isUnfinished)
      ? ` (${foldNames(members.map(({ device }) => device))})`
      : ''
    return `${members.length} ${status}${names}`
  })
  const slow = outcomes.filter(({ service }) => service === 'settling').map(({ device }) => device)
  const waiting = slow.length === 0 ? '' : `; not serving good time yet: ${foldNames(slow)}`
  return `Apply: ${parts.join(', ')}${waiting}.`
}
