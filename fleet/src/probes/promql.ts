/** Asks Prometheus one instant query (prometheus.io/docs, "HTTP API"), within bounds. */
import { z } from 'zod'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { connectionErrorText } from './connection-error.ts'
import { parseJson } from './parse-json.ts'
import { readBounded } from './read-bounded.ts'

export interface PromqlQuestion {
  /** Where Prometheus is, with its path prefix where it has one. */
  readonly prometheus: string
  /** `$device` stands for the device, and belongs between quotes. */
  readonly query: string
  readonly device: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const maxBodyBytes = 1024 * 1024

/**
 * The value of each series, in Prometheus' order; empty when there is none. A failure is a printable
 * phrase; it says nothing about the device. Redirects are not followed.
 */
export async function askPrometheus(
  question: PromqlQuestion,
): Promise<Result<readonly number[], string>> {
  const { prometheus, timeoutMs } = question
  if (!URL.canParse(prometheus)) return fail('the address of Prometheus cannot be read')
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(queryUrl(prometheus), {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([question.signal, limit]),
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ query: queryFor(question), timeout: `${timeoutMs}ms` }),
    })
    const body = await readBounded(response, maxBodyBytes)
    if (body === null) return fail(`Prometheus answered more than ${maxBodyBytes} bytes`)
    return readAnswer(response.status, new TextDecoder().decode(body))
  } catch (error) {
    if (question.signal.aborted) return fail('aborted')
    if (limit.aborted) return fail(`Prometheus did not answer within ${timeoutMs} ms`)
    return fail(`Prometheus is not reached: ${connectionErrorText(error)}`)
  }
}

function queryUrl(prometheus: string): URL {
  const base = new URL(prometheus)
  base.pathname = `${base.pathname.replace(/(?<!\/)\/+$/, '')}/api/v1/query`
  return base
}

/** Between double or single quotes a name cannot end the string that it stands in. */
function queryFor({ query, device }: PromqlQuestion): string {
  const quoted = device.replaceAll(/[\\"'`\n\r]/g, (character) =>
    character === '\n' || character === '\r' ? ' ' : `\\${character}`,
  )
  return query.replaceAll('$device', () => quoted)
}

/** `[when, "value"]`; the value is text because JSON has no infinity. */
const sample = z.tuple([z.number(), z.string().max(64)]).transform(([, text]) => numberOf(text))
const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ value: sample })).max(10_000),
      }),
      z.object({ resultType: z.literal('scalar'), result: sample }),
    ]),
  }),
  z.object({ status: z.literal('error'), error: z.string() }),
])

/** As Go writes floats: `+Inf`, `-Inf` and `NaN` are values, too. */
function numberOf(text: string): number {
  if (text === '+Inf') return Infinity
  if (text === '-Inf') return -Infinity
  return text.trim() === '' ? Number.NaN : Number(text)
}

function readAnswer(status: number, body: string): Result<readonly number[], string> {
  const parsed = answer.safeParse(parseJson(body))
  if (!parsed.success) return fail(`Prometheus answered HTTP ${status}, and no vector or scalar`)
  const said = parsed.data
  if (said.status === 'error') return fail(`Prometheus refuses: ${printable(said.error, 200)}`)
  if (said.data.resultType === 'scalar') return ok([said.data.result])
  return ok(said.data.result.map(({ value }) => value))
}
