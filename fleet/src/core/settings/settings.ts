/** The settings of a fleet: what `fleet.yaml` may say, put together from its parts. Every key has a default. */
import { z } from 'zod'
import type { AccessSettings } from '../access/settings.ts'
import type { GitSettings } from '../git/settings.ts'
import type { BackupSettings } from '../backup/settings.ts'
import { clockSettings } from '../clock/settings.ts'
import { defaultImage, imageSettings, packageSettings } from '../desired/settings.ts'
import { controllerSettings } from '../controller/settings.ts'
import { networkSettings, sshSettings } from '../device/settings.ts'
import { saltSettings } from '../device/salt-settings.ts'
import { healthSettings } from '../health/settings.ts'
import type { MonitoringSettings } from '../monitoring/settings.ts'
import { applySettings } from '../plan/settings.ts'
import type { RolloutSettings } from '../rollout/settings.ts'
import type { ScheduleSettings } from '../schedules/settings.ts'
import { secretSettings } from '../secrets/settings.ts'
import { engineNames } from './adapter-names.ts'
import { statePlace } from './state-place.ts'

/**
 * Sections that few commands look into. Their schemas take longer to make than a whole plan, so they
 * are made only for a file that has them; `default-sections.ts` has what counts without.
 */
export interface LargeSections {
  readonly access: z.ZodType<AccessSettings | undefined>
  readonly rollout: z.ZodType<RolloutSettings>
  readonly monitoring: z.ZodType<MonitoringSettings>
  readonly backup: z.ZodType<BackupSettings>
  readonly schedules: z.ZodType<ScheduleSettings>
  readonly git: z.ZodType<GitSettings | undefined>
}

export type SettingsSchema = ReturnType<typeof settingsSchema>

export function settingsSchema(large: LargeSections) {
  return sections(large).check(({ value: { engine, salt }, issues }) => {
    if (engine !== 'salt' || salt.api !== undefined) return
    const message = 'salt needs salt.api, the URL of salt-api'
    issues.push({ code: 'custom', path: ['engine'], message, input: engine })
  })
}

function sections({ access, rollout, monitoring, backup, schedules, git }: LargeSections) {
  return z.strictObject({
    fleet: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'letters, digits, - and _ are wanted')
      .default('fleet')
      .describe('Name of the fleet, shown in plans and used as a label.'),
    devices: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Which hosts of the inventory are devices, as a pattern; the others are not judged.',
      ),
    image: imageSettings.prefault(defaultImage),
    packages: packageSettings,
    engine: z.enum(engineNames).default('ssh').describe('How devices are reached.'),
    state: statePlace,
    secrets: secretSettings,
    access: access.optional(),
    ssh: sshSettings,
    salt: saltSettings,
    apply: applySettings,
    health: healthSettings,
    clock: clockSettings,
    network: networkSettings,
    controller: controllerSettings,
    rollout,
    monitoring,
    backup,
    schedules,
    git: git.optional(),
  })
}

export type Settings = z.output<SettingsSchema>
