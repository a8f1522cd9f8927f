/** `timeball ping`: which layer fails on the way to each device, and the line that mends it. */
import { wayOn } from '../../api/explain.ts'
import { pingRecord } from '../../api/records/ask-records.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { formatPing, judgePing, pingScript } from '../../core/ask/ping.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { reach } from '../start.ts'
import { askFleet } from './ask-fleet.ts'

export async function pingCommand(
  context: Context,
  targets: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const { loaded, devices, outside } = reached.value
  const byAccount = loaded.fleet.settings.ssh.account !== undefined
  const question = { script: pingScript, as: 'root', seconds: 15, mostBytes: 4096 } as const
  const answers = await askFleet(context, reached.value, question, null)
  await outside.engine.close('keep')
  const pinged = answers.flatMap((answer) => {
    const device = devices.find(({ name }) => name === answer.device)
    return device === undefined ? [] : [judgePing(device, answer, { advice: wayOn, byAccount })]
  })
  const records = await openRecords(context, options.json)
  if (records === null) for (const line of formatPing(pinged)) terminal.out(line)
  for (const each of pinged) records?.write(pingRecord(each))
  const failing = pinged.flatMap((each) => (each.isWell ? [] : [each]))
  const failed = failing.map(({ device }) => device)
  context.terminal.heard?.errors.push(
    ...failing.map(({ device, layer, why, mend }) => ({
      code: layer.replace(' ', '_'),
      message: why,
      hint: mend,
      device,
    })),
  )
  const judged = failed.length > 0 ? exitCodes.devicesFailed : exitCodes.done
  const exit = context.stop.aborted ? exitCodes.interrupted : judged
  return records?.result(exit, { failed }) ?? exit
}
