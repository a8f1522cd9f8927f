/** A world for use cases that touch nobody: what it answers is said by the test. */
import { fail, ok } from '@timeball/lib/result.ts'
import type { Outside } from '../src/app/outside.ts'
import { memoryEngine } from '../src/engines/memory/memory-engine.ts'
import type { Environment } from '../src/stores/registry.ts'
import { environmentStore } from '../src/stores/secrets/env/environment-store.ts'

export const resolvedImage = `registry.example/server@sha256:${'a'.repeat(64)}`

const nobodyIsAsked = { code: 'unreachable', detail: '' } as const

/** Its engine reaches nobody; nonces count up; time stands still. */
export function quietOutside(environment: Environment, more: Partial<Outside> = {}): Outside {
  let nonces = 0
  return {
    engine: memoryEngine(new Map()),
    applier: () => ({ text: '', digest: '' }),
    secrets: environmentStore({ environment, devices: [] }),
    lendImages: () => Promise.resolve(fail({ code: 'image-failed', detail: 'nothing is lent' })),
    resolveImage: () => Promise.resolve(ok(resolvedImage)),
    probeHttp: () => Promise.resolve(fail({ code: 'unreachable', detail: '' })),
    probeContract: () =>
      Promise.resolve({ metrics: fail(nobodyIsAsked), keyless: fail(nobodyIsAsked) }),
    probeKey: () => Promise.resolve(fail({ code: 'unreachable', detail: '' })),
    probeNtp: () => Promise.resolve(fail({ code: 'unreachable', detail: '' })),
    nowUnixMs: () => 0,
    standings: new Map(),
    sweepClocks: () =>
      Promise.resolve({ answers: [], startedUnixMs: 0, tookSeconds: 0, isStepped: false }),
    leapSeconds: () => Promise.resolve(null),
    silence: {
      begin: () => Promise.resolve(fail('nobody is asked')),
      end: () => Promise.resolve(fail('nobody is asked')),
    },
    queryPrometheus: () => Promise.resolve(fail('nobody is asked')),
    newNonce: () => (nonces++).toString(16).padStart(32, '0'),
    nowMs: () => 0,
    wait: () => Promise.resolve(),
    ...more,
  }
}
