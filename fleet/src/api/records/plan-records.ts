/** Records of `plan`, `apply` and `reseat`. */
import { z } from 'zod'
import { device, failureSchema, list, names, unknownNumber, unknownText } from './parts.ts'

const change = z.strictObject({
  resource: z.string().describe('Such as file:/etc/default/gpsd, package:git, image:REF, reboot.'),
  action: z.enum(['create', 'update', 'install', 'pull', 'disable', 'restart', 'up', 'reboot']),
  because: unknownText.describe('Why, or of a package its versions.'),
  diff: list(z.strictObject({ sign: z.enum(['+', '-', '~', ' ']), text: z.string() })).describe(
    'Secrets are masked. A blank sign stands for lines that are left out.',
  ),
})

export const devicePlan = z
  .strictObject({
    type: z.literal('device_plan'),
    device,
    changes: list(change),
    notes: names.describe('What the plan does not change, and somebody should know.'),
    base_generation: z.number(),
    pending: unknownNumber.describe('A generation that a lost controller left unconfirmed.'),
    interrupts_service: z.boolean(),
    is_serving: z.boolean().describe('Whether it serves time now.'),
    reboot: z.enum(['none', 'pending', 'now']),
    files: list(
      z.strictObject({
        path: z.string(),
        mode: z.string(),
        before: z.string().describe('absent, or a digest of what was there.'),
        is_changed: z.boolean(),
      }),
    ),
  })
  .describe('What would change on a device.')

export const unplanned = z
  .strictObject({ type: z.literal('unplanned'), device, ...failureSchema.shape })
  .describe('A device that could not be asked, and is left alone.')

export const phase = z
  .strictObject({
    type: z.literal('phase'),
    device,
    phase: z.enum([
      'observing',
      'waiting',
      'reverting',
      'applying',
      'confirming',
      'rebooting',
      'settling',
    ]),
  })
  .describe('What begins on a device.')

export const observed = z
  .strictObject({ type: z.literal('observed'), device, failure: failureSchema.nullable() })
  .describe('A device was asked for its state.')

export const resource = z
  .strictObject({
    type: z.literal('resource'),
    device,
    resource: z.string(),
    change: z.string(),
    ms: z.number(),
  })
  .describe('A resource was looked after on a device.')

export const outcome = z
  .strictObject({
    type: z.literal('device'),
    device,
    status: z
      .enum(['changed', 'unchanged', 'failed', 'lost', 'not-reached'])
      .describe('lost: it stopped answering, and reverts by itself.'),
    changed: z.number().describe('How many resources.'),
    generation: unknownNumber,
    service: z.enum(['serving', 'settling', 'unwatched']),
    service_reason: z
      .string()
      .nullable()
      .describe('Why it does not give good time yet; null: it does, or nobody looked.'),
    failure: failureSchema.nullable(),
  })
  .describe('How it ended for a device.')

export const reseated = z
  .strictObject({
    type: z.literal('reseated'),
    device,
    epoch: z.number().describe("The fleet's number, which the device has now."),
    failure: failureSchema.nullable(),
  })
  .describe('A device was given the number of the fleet.')

export const retired = z
  .strictObject({
    type: z.literal('retired'),
    device: z.string().describe('Its name when the inventory had it.'),
    failure: failureSchema.nullable(),
  })
  .describe('A device that left the inventory was stopped and forgotten, or could not be.')
