/** The API for tests: a well fleet of four, from which a test changes only what it is about. */
import { aView } from '../../../core/controller/test/a-view.ts'
import { eventHub } from '../../../app/serve/event-hub.ts'
import { ok } from '@timeball/lib/result.ts'
import type { ApiSource } from '../../../app/serve/api-source.ts'
import { openAccessStore } from '../../../stores/sqlite/access-store.ts'
import { memoryRollouts } from '../../../stores/memory/rollout-store.ts'
import { apiApp, type ApiOptions } from '../api-app.ts'

export const nowUnixMs = 1_795_000_010_000

export function anApiSource(change: Partial<ApiSource> = {}): ApiSource {
  return {
    select: (pattern) => Promise.resolve(ok([pattern])),
    facts: () => Promise.resolve(new Map()),
    readOutlook: () => Promise.resolve(null),
    rollouts: memoryRollouts().open(() => true),
    series: { points: () => Promise.resolve([]) },
    audit: openAccessStore(':memory:'),
    events: eventHub('test'),
    nowUnixMs: () => nowUnixMs,
    ...change,
  }
}

/** Tokens are the names of their roles. */
export function anApi(change: Partial<ApiOptions> = {}): ReturnType<typeof apiApp> {
  return apiApp({
    ...anApiSource(),
    version: '0.1.0',
    hosts: 'local',
    controller: {
      view: () => Promise.resolve(aView()),
      health: () => ({ status: 'ok', sweepAgeSeconds: 1 }),
    },
    bearer: (token) =>
      Promise.resolve(
        token === 'viewer' || token === 'operator' || token === 'admin'
          ? { name: `the ${token}`, role: token }
          : null,
      ),
    isStill: () => Promise.resolve(true),
    log() {},
    ...change,
  })
}

export function as(role: string): Record<string, string> {
  return { authorization: `Bearer ${role}`, host: 'localhost:8080' }
}
