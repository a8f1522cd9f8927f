/** Asks a time server for its health, as anybody on the network could. */
import { fail, type Result } from '@timeball/lib/result.ts'
import { parseTimeServerHealth, type TimeServerHealth } from '../core/health/time-server-health.ts'
import type { HttpFailure } from '../core/health/verdict.ts'
import { askDevice, textOf, type DeviceQuestion } from './ask-device.ts'

export type HealthRequest = Omit<DeviceQuestion, 'path' | 'accept'>

const maxBodyBytes = 65_536

/**
 * `GET http://ADDRESS:PORT/health`. A 503 with a readable body is an answer: the server says that
 * it is not well.
 */
export function probeHttpHealth(
  request: HealthRequest,
): Promise<Result<TimeServerHealth, HttpFailure>> {
  const question = { ...request, path: '/health', accept: 'application/json' }
  return askDevice(question, async (answer) => {
    const body = await textOf(answer, maxBodyBytes)
    return body.ok ? readAnswer(answer.status, body.value) : body
  })
}

function readAnswer(httpStatus: number, body: string): Result<TimeServerHealth, HttpFailure> {
  const parsed = parseTimeServerHealth(httpStatus, body)
  if (parsed.ok && (httpStatus === 200 || httpStatus === 503)) return parsed
  if (httpStatus !== 200 && httpStatus !== 503) {
    return fail({ code: 'http-status', detail: `HTTP ${httpStatus}` })
  }
  return fail({ code: 'not-json', detail: parsed.ok ? 'unreadable' : parsed.failure })
}
