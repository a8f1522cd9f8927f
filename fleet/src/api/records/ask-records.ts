/** Records of the commands that ask devices: `run`, `ping`, `ps`, `logs`, `facts`. */
import { failureOrNull } from './make-records.ts'
import { z } from 'zod'
import type { Answered } from '../../core/ask/answer.ts'
import type { ContainerRow } from '../../core/ask/containers.ts'
import type { Facts } from '../../core/ask/facts.ts'
import { factsShape } from '../../core/ask/facts-memory.ts'
import { layers, type Pinged } from '../../core/ask/ping.ts'
import type { Failure } from '../../core/failure.ts'
import { device, failureSchema, unixMs, unknownText } from './parts.ts'

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

export const ping = z
  .strictObject({
    type: z.literal('ping'),
    device,
    fails_at: z.enum(layers).nullable().describe('The first layer that fails; null: none does.'),
    why: z.string(),
    mend: z.string().describe('A line to type, or what to look at.'),
    docker: z.string().nullable().describe('Its version.'),
  })
  .describe('How far one gets with a device.')

export function pingRecord(pinged: Pinged): z.output<typeof ping> {
  const { device: name } = pinged
  if (pinged.isWell) {
    return { type: 'ping', device: name, fails_at: null, why: '', mend: '', docker: pinged.docker }
  }
  const { layer, why, mend } = pinged
  return { type: 'ping', device: name, fails_at: layer, why, mend, docker: null }
}

export const container = z
  .strictObject({
    type: z.literal('container'),
    device,
    name: z.string(),
    state: z.string(),
    status: z.string(),
    image: z.string(),
  })
  .describe('A container on a device (ps).')

export function containerRecord(row: ContainerRow): z.output<typeof container> {
  return { type: 'container', ...row }
}

export const logLine = z
  .strictObject({
    type: z.literal('log_line'),
    device,
    time: z.string().describe("RFC 3339, by the device's clock; empty: the line has none."),
    text: z.string(),
  })
  .describe('A line that the time server logged (logs).')

export const facts = z
  .strictObject({
    type: z.literal('facts'),
    device,
    age_seconds: z.number().describe('Since it was asked.'),
    ...factsShape,
  })
  .describe(
    "What a device is and how it is; Ansible's names where it has them. null: it does not tell.",
  )

export function factsRecord(
  name: string,
  known: Facts,
  ageSeconds: number,
): z.output<typeof facts> {
  return { type: 'facts', device: name, age_seconds: ageSeconds, ...known }
}

export const drift = z
  .strictObject({
    type: z.literal('drift'),
    device,
    resource: z.string(),
    what: z.string(),
    cause: z
      .enum(['device', 'fleet', 'new', 'unattended'])
      .describe(
        'Changed on the device; the files of the fleet changed and were not applied; never applied; packages upgraded by unattended-upgrades.',
      ),
    since_unix_ms: unixMs.nullable().describe("By the device's clock; null: it does not tell."),
  })
  .describe('A resource of a device that is not up to date.')

export const copy = z
  .strictObject({
    type: z.literal('copy'),
    device,
    path: z.string().describe('Where it was written to: on the device, or here.'),
    bytes: z.number(),
  })
  .describe('A file that was copied.')

export const turn = z
  .strictObject({
    type: z.literal('turn'),
    device,
    action: z.enum(['restart', 'reboot', 'upgrade']),
    status: z
      .enum(['done', 'failed', 'left-alone'])
      .describe('left-alone: the quorum did not allow it, or one before it is not well.'),
    service: z.enum(['serving', 'settling', 'unwatched']),
    why: unknownText.describe('What is not well; null: all is.'),
    failure: failureSchema.nullable(),
  })
  .describe('How a restart, reboot or upgrade ended for a device.')

export function turnRecord(
  { device: name, status, service, why, failure }: Turn,
  action: 'restart' | 'reboot' | 'upgrade',
): z.output<typeof turn> {
  const ended = { status, service, why, failure: failureOrNull(failure) }
  return { type: 'turn', device: name, action, ...ended }
}

/** As `app/operate/take-turns.ts` has it. */
interface Turn {
  readonly device: string
  readonly status: 'done' | 'failed' | 'left-alone'
  readonly service: 'serving' | 'settling' | 'unwatched'
  readonly why: string | null
  readonly failure: Failure | null
}

export const diagnosis = z
  .strictObject({
    type: z.literal('diagnosis'),
    subject: z.string().describe('A device, or "this machine".'),
    check: z.string(),
    level: z.enum(['ok', 'warn', 'bad', 'unknown']),
    text: z.string(),
    why: unknownText.describe('Why it matters.'),
    mend: unknownText.describe('The line that mends it.'),
    applied: z.boolean().describe('Whether an apply mends it, which is what --fix runs.'),
  })
  .describe('A check of doctor.')
