/** One event of each type, of a small rollout. */
import type { RolloutEvent, Started } from '../event.ts'
import { rolloutSettings } from '../settings.ts'

export const started: Started & { readonly atUnixMs: number } = {
  atUnixMs: 1_795_000_000_000,
  type: 'started',
  rollout: 'r-1',
  fleet: 'guide',
  by: 'ada@ops-1',
  why: 'gpsd with the leap fix',
  release: {
    image: 'registry.test/time@sha256:22',
    imageAsWritten: 'registry.test/time:2',
    insteadOf: 'registry.test/time:1',
    kind: 'image',
    digest: 'd2',
    states: { 'pi-1': 's1', 'pi-2': 's2' },
  },
  plan: {
    waves: [
      { kind: 'canary', devices: ['pi-1'] },
      { kind: 'wave', devices: ['pi-2'] },
    ],
    why: { 'pi-1': 'canary of stratum2', 'pi-2': 'wave 1' },
    members: [
      { device: 'pi-1', role: 'stratum2', site: null, upstreams: [], hasOutsideSources: true },
      {
        device: 'pi-2',
        role: 'stratum2',
        site: 'roof',
        upstreams: ['pi-1'],
        hasOutsideSources: false,
      },
    ],
    quorum: [{ name: 'stratum2', members: ['pi-1', 'pi-2'], minGood: 1 }],
    leftAlone: { 'pi-3': 'up to date' },
    warnings: [],
  },
  settings: rolloutSettings.parse({ diversity: { for: '90d' }, stagger: '1500ms' }),
  before: {
    'pi-1': { generation: 3, state: 's0', reverted: null },
    'pi-2': { generation: 7, state: null, reverted: 8 },
  },
  unreachable: [],
  settleLimitsMs: { 'pi-1': 90_000 },
  allowQuorumLoss: false,
  overrideFreeze: null,
}

const atUnixMs = started.atUnixMs + 1_000
const device = 'pi-1'
const detail = 'as it was'

export const everyEvent = {
  started,
  'wave-started': { type: 'wave-started', atUnixMs, wave: 0 },
  'wave-passed': { type: 'wave-passed', atUnixMs, wave: 0, detail },
  'move-intended': { type: 'move-intended', atUnixMs, device, step: 'r-1-pi-1-1' },
  served: { type: 'served', atUnixMs, device, downtimeSeconds: 2.5 },
  moved: {
    type: 'moved',
    atUnixMs,
    device,
    before: 3,
    after: 4,
    tookSeconds: 30,
    errorsPerMinuteBefore: 1.5,
  },
  vetoed: { type: 'vetoed', atUnixMs, device, detail },
  'not-moved': { type: 'not-moved', atUnixMs, device, reason: 'unreachable', detail },
  reverted: { type: 'reverted', atUnixMs, device, generation: 4, detail },
  'move-failed': { type: 'move-failed', atUnixMs, device, detail },
  lost: { type: 'lost', atUnixMs, device, detail },
  climbed: { type: 'climbed', atUnixMs, device, gate: 'gps', isSilent: false, detail },
  slipped: { type: 'slipped', atUnixMs, device, detail },
  inconclusive: { type: 'inconclusive', atUnixMs, device, detail },
  healthy: { type: 'healthy', atUnixMs, device, settledSeconds: 61.5 },
  unhealthy: { type: 'unhealthy', atUnixMs, device, detail },
  'rolling-back': {
    type: 'rolling-back',
    atUnixMs,
    why: detail,
    scope: 'wave',
    isReleaseToBlame: true,
  },
  'return-intended': { type: 'return-intended', atUnixMs, device, step: 'r-1-pi-1-2' },
  returned: { type: 'returned', atUnixMs, device, generation: 5, missing: [] },
  verified: { type: 'verified', atUnixMs, device },
  stuck: { type: 'stuck', atUnixMs, device, detail },
  paused: { type: 'paused', atUnixMs, by: 'ada', why: detail, awaits: 'resume' },
  resumed: { type: 'resumed', atUnixMs, by: 'ada', why: detail },
  promoted: { type: 'promoted', atUnixMs, by: 'ada', why: detail },
  ended: { type: 'ended', atUnixMs, result: 'rolled_back', why: detail },
} as const satisfies { [Type in RolloutEvent['type']]: Extract<RolloutEvent, { type: Type }> }
