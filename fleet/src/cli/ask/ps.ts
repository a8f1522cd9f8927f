/** `timeball ps`: the containers of all devices. */
import { containerRecord } from '../../api/records/ask-records.ts'
import type { ExitCode } from '../../api/exit-codes.ts'
import { isWell } from '../../core/ask/answer.ts'
import { containersScript, readContainers, type ContainerRow } from '../../core/ask/containers.ts'
import { formatTable, type Column } from '../../core/table.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { reach } from '../start.ts'
import { askFleet, endOf, failedOf } from './ask-fleet.ts'

export async function psCommand(
  context: Context,
  targets: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const question = { script: containersScript, as: 'root', seconds: 20, mostBytes: 65_536 } as const
  const answers = await askFleet(context, reached.value, question, null)
  await reached.value.outside.engine.close('keep')
  const rows = answers.flatMap((answer) =>
    answer.result.ok && isWell(answer)
      ? readContainers(answer.device, answer.result.value.output)
      : [],
  )
  const records = await openRecords(context, options.json)
  if (records === null) {
    for (const line of formatTable(rows, columns, terminal)) terminal.out(line)
  }
  for (const row of rows) records?.write(containerRecord(row))
  const failed = failedOf(answers)
  const exit = endOf(context, answers)
  return records?.result(exit, { failed }) ?? exit
}

const columns: readonly Column<ContainerRow>[] = [
  { title: 'DEVICE', align: 'left', shrink: false, cell: ({ device }) => device },
  { title: 'CONTAINER', align: 'left', shrink: false, cell: ({ name }) => name },
  {
    title: 'STATE',
    align: 'left',
    shrink: false,
    cell: ({ state }) => ({ text: state, tone: state === 'running' ? 'good' : 'bad' }),
  },
  { title: 'STATUS', align: 'left', shrink: true, cell: ({ status }) => status },
  { title: 'IMAGE', align: 'left', shrink: true, cell: ({ image }) => image },
]
