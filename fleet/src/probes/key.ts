/** Asks a time server whether it takes a key, as a client of it would. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { HttpFailure } from '../core/health/verdict.ts'
import type { Secret } from '../core/secrets/secret.ts'
import { askDevice, type DeviceQuestion } from './ask-device.ts'

export interface KeyRequest extends Omit<DeviceQuestion, 'path' | 'accept' | 'apiKey'> {
  readonly key: Secret
}

/** `GET /api/time`. An address that has shown wrong keys too often (429) learns nothing. */
export function probeKey({
  key,
  ...request
}: KeyRequest): Promise<Result<'accepted' | 'refused', HttpFailure>> {
  const question = { ...request, path: '/api/time', accept: '*/*', apiKey: key.reveal() }
  return askDevice(question, async (answer) => {
    await answer.body?.cancel()
    const { status } = answer
    if (status === 200) return ok('accepted')
    if (status === 401 || status === 403) return ok('refused')
    return fail({ code: 'http-status', detail: `HTTP ${status}` })
  })
}
