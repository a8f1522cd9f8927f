/** Records of `upgrade`; how it ended for a device is a `turn`. */
import { z } from 'zod'
import type { DeviceUpgrade } from '../../core/ask/upgrade/read-upgrade.ts'
import { device, list, unknownText } from './parts.ts'

export const upgradePlan = z
  .strictObject({
    type: z.literal('upgrade_plan'),
    device,
    packages: list(
      z.strictObject({
        name: z.string(),
        from: unknownText.describe('null: it is not there yet.'),
        to: z.string(),
        security: z.boolean().describe('From an archive of security fixes.'),
        older: z.boolean().describe('A downgrade.'),
      }),
    ),
    held: z.number().describe('Packages that have a newer version and stay as they are.'),
    reboot: z.boolean().describe('It is rebooted afterwards.'),
    stale: unknownText.describe('Why the lists of packages are not fresh; null: they are.'),
  })
  .describe('What would be upgraded on a device.')

export function upgradePlanRecord(
  name: string,
  { steps, held, stale }: DeviceUpgrade,
  reboot: boolean,
): z.output<typeof upgradePlan> {
  const packages = steps.map(({ isSecurity, isOlder, ...step }) => ({
    ...step,
    ...{ security: isSecurity, older: isOlder },
  }))
  return { type: 'upgrade_plan', device: name, packages, held, reboot, stale }
}
