/**
 * All records of `--json`: one name for one thing, keys in snake_case. docs/json.md and
 * docs/records.schema.json are made from it. Keys are only ever added within a major `ui` version.
 */
import { z } from 'zod'
import {
  answer,
  container,
  copy,
  diagnosis,
  drift,
  facts,
  logLine,
  ping,
  turn,
} from './ask-records.ts'
import {
  backup,
  backupBoot,
  backupChange,
  backupFile,
  backupLeftOut,
  backupPruned,
} from './backup-records.ts'
import {
  heldImage,
  image,
  imageFacts,
  imageProof,
  imagePush,
  imageSignature,
} from './image-record.ts'
import { check, file, health, service, sweep } from './health-records.ts'
import {
  devicePlan,
  observed,
  outcome,
  phase,
  reseated,
  resource,
  retired,
  unplanned,
} from './plan-records.ts'
import { gpsCalibration } from './calibration-record.ts'
import { imageCheck } from './image-check-record.ts'
import { upgradePlan } from './upgrade-records.ts'
import { result } from './result-record.ts'
import { account, enrolled } from './enrolled-record.ts'
import { key } from './key-record.ts'
import { plaintext } from './plaintext-record.ts'
import { commit } from './commit-record.ts'
import { schedule } from './schedule-record.ts'
import { secret } from './secret-record.ts'
import { auditLine, token } from './token-record.ts'
import { explanation } from './explanation-record.ts'
import { fleetStatus } from './status-record.ts'
import { rollout, rolloutEvent, rolloutPlan, rolloutSummary } from './rollout-records.ts'

const version = z
  .strictObject({
    type: z.literal('version'),
    timeball: z.string(),
    ui: z.literal('1.0').describe('Another major number: keys may mean something else.'),
  })
  .describe('The first record of every command.')

export const recordSchemas = [
  version,
  devicePlan,
  unplanned,
  phase,
  observed,
  resource,
  outcome,
  reseated,
  answer,
  retired,
  ping,
  container,
  logLine,
  facts,
  turn,
  upgradePlan,
  gpsCalibration,
  drift,
  copy,
  secret,
  plaintext,
  key,
  token,
  auditLine,
  enrolled,
  account,
  diagnosis,
  health,
  fleetStatus,
  explanation,
  sweep,
  rolloutPlan,
  rolloutEvent,
  rollout,
  rolloutSummary,
  file,
  check,
  service,
  imageCheck,
  image,
  imagePush,
  imageFacts,
  imageProof,
  imageSignature,
  heldImage,
  backup,
  backupFile,
  backupBoot,
  backupChange,
  backupLeftOut,
  backupPruned,
  schedule,
  commit,
  result,
] as const

export const recordSchema = z.discriminatedUnion('type', recordSchemas)
export type OutputRecord = z.output<typeof recordSchema>

/** For readers in any language: one definition for each record. */
export function recordsJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(recordSchema, { unrepresentable: 'any' })
}
