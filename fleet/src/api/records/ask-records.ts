/** Records of the commands that ask devices: `run`, `ping`, `ps`, `logs`, `facts`. */
import { z } from 'zod'
import type { Answered } from '../../core/ask/answer.ts'
import { device, failureOrNull, failureSchema } from './parts.ts'

export const answer = z
  .strictObject({
    type: z.literal('answer'),
    device,
    exit: z.number().nullable().describe('128 and more: a signal. null: it did not answer.'),
    output: z.string().describe('Both outputs as they came, without control characters.'),
    in_time: z.boolean().describe('false: its time was over, and the device ended it.'),
    left_out_bytes: z.number().describe('Of output beyond the bound of 1 MiB.'),
    failure: failureSchema.nullable().describe('Why it did not answer.'),
  })
  .describe('What a command printed on a device (run).')

export function answerRecord({ device: name, result }: Answered): z.output<typeof answer> {
  const said = result.ok
    ? result.value
    : { exit: null, output: '', isInTime: true, leftOutBytes: 0 }
  return {
    type: 'answer',
    device: name,
    exit: said.exit,
    output: said.output,
    in_time: said.isInTime,
    left_out_bytes: said.leftOutBytes,
    failure: failureOrNull(result.ok ? null : result.failure),
  }
}
