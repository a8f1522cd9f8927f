/** The schema of one `fleet.yaml`: that of a large section is loaded only when the file has it. */
import { z } from 'zod'
import { defaultSections } from '../core/settings/default-sections.ts'
import { settingsSchema, type SettingsSchema } from '../core/settings/settings.ts'

/** `content`: what the file says, not yet checked. */
export async function schemaFor(content: unknown): Promise<SettingsSchema> {
  return settingsSchema({
    access: has(content, 'access')
      ? (await import('../core/access/settings.ts')).accessSettings
      : absent(undefined),
    rollout: has(content, 'rollout')
      ? (await import('../core/rollout/settings.ts')).rolloutSettings
      : absent(defaultSections.rollout),
    monitoring: has(content, 'monitoring')
      ? (await import('../core/monitoring/settings.ts')).monitoringSettings
      : absent(defaultSections.monitoring),
    backup: has(content, 'backup')
      ? (await import('../core/backup/settings.ts')).backupSettings
      : absent(defaultSections.backup),
    schedules: has(content, 'schedules')
      ? (await import('../core/schedules/settings.ts')).scheduleSettings
      : absent(defaultSections.schedules),
    git: has(content, 'git')
      ? (await import('../core/git/settings.ts')).gitSettings
      : absent(undefined),
  })
}

function has(content: unknown, section: string): boolean {
  return typeof content === 'object' && content !== null && section in content
}

function absent<T>(value: T): z.ZodType<T> {
  return z
    .undefined()
    .optional()
    .transform(() => value)
}
