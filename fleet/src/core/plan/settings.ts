/** `apply:` of `fleet.yaml`. */
import { z } from 'zod'
import { durationMs } from '../setting-values.ts'

export const applySettings = z
  .strictObject({
    confirm_timeout: durationMs(5_000, 3_600_000)
      .prefault('120s')
      .describe('Without confirmation in this time the device reverts by itself.'),
    settle_timeout: durationMs(0, 7_200_000)
      .prefault('5m')
      .describe('How long an applied device may take to serve good time.'),
    reboot: z
      .enum(['never', 'allow'])
      .default('never')
      .describe('Whether apply may reboot a device whose boot configuration changed.'),
  })
  .prefault({})
  .describe('How apply changes a device. A rollout has settings of its own.')
