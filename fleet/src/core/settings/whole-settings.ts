/** The settings with the schemas of all sections, for whoever needs them all anyway. */
import { z } from 'zod'
import type { Problem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'
import { accessSettings } from '../access/settings.ts'
import { backupSettings } from '../backup/settings.ts'
import { gitSettings } from '../git/settings.ts'
import { monitoringSettings } from '../monitoring/settings.ts'
import { rolloutSettings } from '../rollout/settings.ts'
import { scheduleSettings } from '../schedules/settings.ts'
import { checkSettings, readSettingsText } from './parse-settings.ts'
import { settingsSchema, type Settings } from './settings.ts'

const schema = settingsSchema({
  access: accessSettings,
  rollout: rolloutSettings,
  monitoring: monitoringSettings,
  backup: backupSettings,
  schedules: scheduleSettings,
  git: gitSettings,
})

/** The settings of a fleet without `fleet.yaml`. */
export function defaultSettings(): Settings {
  return schema.parse({})
}

export function parseSettings(file: string, text: string): Result<Settings, readonly Problem[]> {
  const read = readSettingsText(file, text)
  return read.ok ? checkSettings(read.value, schema) : read
}

/** The schema as JSON Schema, for editors. */
export function settingsJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input' })
}
