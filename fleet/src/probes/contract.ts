/** Asks a time server what it promises to everybody: its metrics, and to refuse who has no key. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { HttpFailure } from '../core/health/verdict.ts'
import type { ContractEvidence } from '../core/service/contract.ts'
import { askDevice, textOf, type DeviceQuestion } from './ask-device.ts'
import type { HttpAnswer } from './ask-http.ts'

/** The time is for each request. */
export interface ContractRequest extends Omit<DeviceQuestion, 'port' | 'path' | 'accept'> {
  readonly httpPort: number
  readonly metricsPort: number
}

const maxMetricsBytes = 1_048_576

/** `GET /metrics`, and `GET /api/time` without a key; both at once. */
export async function probeContract({
  httpPort,
  metricsPort,
  ...request
}: ContractRequest): Promise<ContractEvidence> {
  const asked = { ...request, accept: '*/*' }
  const [metrics, keyless] = await Promise.all([
    askDevice({ ...asked, port: metricsPort, path: '/metrics' }, readSeries),
    askDevice({ ...asked, port: httpPort, path: '/api/time' }, async (answer) => {
      await answer.body?.cancel()
      return ok(answer.status)
    }),
  ])
  return { metrics, keyless }
}

async function readSeries(answer: HttpAnswer): Promise<Result<ReadonlySet<string>, HttpFailure>> {
  const body = await textOf(answer, maxMetricsBytes)
  if (!body.ok) return body
  if (answer.status !== 200) return fail({ code: 'http-status', detail: `HTTP ${answer.status}` })
  const names = body.value.matchAll(/^([A-Za-z_:][A-Za-z0-9_:]*)[ \t{]/gm)
  return ok(new Set([...names].flatMap(([, name]) => name ?? [])))
}
