/** Asks the controller's API. The types are those of the schemas that the controller answers by. */
import type { z } from 'zod'
import type { clockPoint } from '../../fleet/src/api/records/clock-point-record.ts'
import type { deviceState } from '../../fleet/src/api/records/device-state-record.ts'
import type { server, time } from '../../fleet/src/api/records/health-records.ts'
import type { rollout, rolloutSummary } from '../../fleet/src/api/records/rollout-records.ts'
import type { fleetStatus } from '../../fleet/src/api/records/status-record.ts'

export type Fleet = z.output<typeof fleetStatus>
export type Device = z.output<typeof deviceState>
export type Clock = z.output<typeof server>
export type Rollout = z.output<typeof rollout>
export type RolloutSummary = z.output<typeof rolloutSummary>
export type ClockPoint = z.output<typeof clockPoint>

interface Page<T> {
  readonly items: readonly T[]
  /** The cursor of the next page; `null`: this is the last. */
  readonly next: string | null
}

export type DevicePage = Page<Device>
export type RolloutPage = Page<RolloutSummary>

export interface Sweep extends Page<Clock> {
  readonly swept_unix_ms: number | null
  readonly time: z.output<typeof time> | null
}

export interface Samples {
  readonly step: 'raw' | 'minute' | 'hour'
  readonly items: readonly ClockPoint[]
  readonly is_whole: boolean
}

/** Why there is no answer, for people. `status` 0: nobody answered. */
export interface Refusal {
  readonly status: number
  readonly detail: string
  readonly hint: string | null
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Refusal }

export interface Asker {
  readonly token: string
  readonly signal: AbortSignal
}

const root = '/api/v1'
const longestMs = 20_000

export type RolloutAction = 'pause' | 'resume' | 'promote' | 'abort' | 'rollback'

/** Never rejects. */
export async function ask<T>(path: string, asker: Asker): Promise<Answer<T>> {
  const answer = await send<T>(path, {}, asker)
  return answer.ok ? { ok: true, value: answer.value.body } : answer
}

/** With the `etag` of what was read, for `tell`. Never rejects. */
export function askWithTag<T>(path: string, asker: Asker): Promise<Answer<Tagged<T>>> {
  return send<T>(path, {}, asker)
}

export interface Told {
  readonly body: { readonly action: RolloutAction; readonly why: string }
  /** What it is about, as it was seen. */
  readonly etag: string | null
}

/** Asks for a change; refused where what it is about has moved. Never rejects. */
export function tell(path: string, { body, etag }: Told, asker: Asker): Promise<Answer<unknown>> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (etag !== null) headers['if-match'] = etag
  return send(path, { method: 'POST', headers, body: JSON.stringify(body) }, asker)
}

interface Tagged<T> {
  readonly body: T
  readonly etag: string | null
}

interface Sent {
  readonly method?: 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

async function send<T>(
  path: string,
  { headers, ...request }: Sent,
  { token, signal }: Asker,
): Promise<Answer<Tagged<T>>> {
  try {
    const answer = await fetch(root + path, {
      ...request,
      headers: { ...headers, authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
    })
    if (!answer.ok) return { ok: false, failure: refusalOf(answer.status, await answer.json()) }
    // What comes from the page's own origin is as its schemas say.
    const body: T = await answer.json()
    return { ok: true, value: { body, etag: answer.headers.get('etag') } }
  } catch {
    return {
      ok: false,
      failure: { status: 0, detail: 'the controller does not answer', hint: null },
    }
  }
}

/** The first page of a list with the items of all, at most `mostPages` of them. Never rejects. */
export async function askAll<P extends Page<unknown>>(
  path: string,
  asker: Asker,
): Promise<Answer<P>> {
  const first = await ask<P>(path, asker)
  if (!first.ok) return first
  const items = [...first.value.items]
  let { next } = first.value
  for (let pages = 1; next !== null && pages < mostPages; pages += 1) {
    const page: Answer<P> = await ask(`${path}&after=${encodeURIComponent(next)}`, asker)
    if (!page.ok) return page
    items.push(...page.value.items)
    next = page.value.next
  }
  return { ok: true, value: { ...first.value, items, next } }
}

const mostPages = 40

/** The body is the controller's `problem+json`, or what a proxy before it says. */
function refusalOf(status: number, body: unknown): Refusal {
  const said = typeof body === 'object' && body !== null ? body : {}
  const detail = 'detail' in said && typeof said.detail === 'string' ? said.detail : null
  const hint = 'hint' in said && typeof said.hint === 'string' ? said.hint : null
  return { status, detail: detail ?? `the controller answered ${status}`, hint }
}
