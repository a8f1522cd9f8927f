/** Silences in Alertmanager, by its HTTP API (version 2 of its OpenAPI specification). */
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { connectionErrorText } from './connection-error.ts'
import { parseJson } from './parse-json.ts'
import { readBounded } from './read-bounded.ts'

export interface Silence {
  /** Label -> value; alerts that have all of them are not told. */
  readonly labels: Readonly<Record<string, string>>
  readonly startsUnixMs: number
  readonly endsUnixMs: number
  readonly createdBy: string
  readonly comment: string
}

export interface AlertmanagerAccess {
  /** With its path prefix where it has one. */
  readonly alertmanager: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

function instant(unixMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.trunc(unixMs)).toString()
}

const created = z.object({ silenceID: z.string().regex(/^[0-9a-f-]{1,64}$/) })

/** The id of the silence. A failure is a printable phrase. */
export async function postSilence(
  silence: Silence,
  access: AlertmanagerAccess,
): Promise<Result<string, string>> {
  const body = JSON.stringify({
    matchers: Object.entries(silence.labels).map(([name, value]) => ({
      name,
      value,
      isRegex: false,
      isEqual: true,
    })),
    startsAt: instant(silence.startsUnixMs),
    endsAt: instant(silence.endsUnixMs),
    createdBy: silence.createdBy,
    comment: silence.comment,
  })
  const answer = await ask('POST', '/api/v2/silences', { ...access, body })
  if (!answer.ok) return answer
  const parsed = created.safeParse(parseJson(answer.value))
  return parsed.success ? ok(parsed.data.silenceID) : fail('Alertmanager gave no silence')
}

/** One that has ended already is no failure. */
export async function endSilence(
  id: string,
  access: AlertmanagerAccess,
): Promise<Result<null, string>> {
  const answer = await ask('DELETE', `/api/v2/silence/${encodeURIComponent(id)}`, access)
  return answer.ok ? ok(null) : answer
}

const maxBodyBytes = 65_536

async function ask(
  method: 'POST' | 'DELETE',
  path: string,
  access: AlertmanagerAccess & { readonly body?: string },
): Promise<Result<string, string>> {
  const { alertmanager, timeoutMs, signal, body } = access
  if (!URL.canParse(alertmanager)) return fail('the address of Alertmanager cannot be read')
  const url = new URL(alertmanager)
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}${path}`
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
    const text = await readBounded(response, maxBodyBytes)
    if (response.status !== 200 || text === null) {
      return fail(`Alertmanager answered HTTP ${response.status}`)
    }
    return ok(new TextDecoder().decode(text))
  } catch (error) {
    return fail(`Alertmanager is not reached: ${connectionErrorText(error)}`)
  }
}
