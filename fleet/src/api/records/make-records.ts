/**
 * What becomes a record in most commands. Apart from the schemas, which take a short command a tenth
 * of its time to make and are needed for `--json` only.
 */
import type { z } from 'zod'
import { wayOn } from '../explain.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import type { Failure } from '../../core/failure.ts'
import type { DevicePlan } from '../../core/plan/change.ts'
import type { DeviceOutcome, FleetEvent } from '../../core/plan/event.ts'
import type { failureSchema } from './parts.ts'
import type { devicePlan, observed, outcome, phase, resource } from './plan-records.ts'
import type { result, ResultFields } from './result-record.ts'

export function failureRecord({ code, detail }: Failure): z.output<typeof failureSchema> {
  return { code, message: detail === '' ? code : detail, hint: wayOn(code) }
}

export function failureOrNull(failure: Failure | null): z.output<typeof failureSchema> | null {
  return failure === null ? null : failureRecord(failure)
}

export function devicePlanRecord(plan: DevicePlan): z.output<typeof devicePlan> {
  return {
    type: 'device_plan',
    device: plan.device,
    changes: plan.changes,
    notes: plan.notes,
    base_generation: plan.baseGeneration,
    pending: plan.pending,
    interrupts_service: plan.interruptsService,
    is_serving: plan.isServing,
    reboot: plan.reboot,
    files: plan.files.map(({ isChanged, ...file }) => ({ ...file, is_changed: isChanged })),
  }
}

function outcomeRecord({
  failure,
  serviceReason,
  ...rest
}: DeviceOutcome): z.output<typeof outcome> {
  const reason = { service_reason: serviceReason }
  return { type: 'device', ...rest, ...reason, failure: failureOrNull(failure) }
}

type Progress = z.output<typeof phase | typeof observed | typeof resource | typeof outcome>

export function progressRecord(event: FleetEvent): Progress {
  switch (event.type) {
    case 'outcome':
      return outcomeRecord(event.outcome)
    case 'observed':
      return { ...event, failure: failureOrNull(event.failure) }
    case 'phase':
    case 'resource':
      return event
  }
}

export function resultRecord(exit: ExitCode, fields: ResultFields): z.output<typeof result> {
  return { type: 'result', status: statusOf(exit), exit, ...fields }
}

function statusOf(exit: ExitCode): 'ok' | 'partial' | 'failed' {
  if (exit === exitCodes.done || exit === exitCodes.differences) return 'ok'
  return exit === exitCodes.devicesFailed ? 'partial' : 'failed'
}
