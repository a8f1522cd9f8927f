import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RolloutSummary } from '../rollout/summary.ts'
import { statusLines, type FleetStatus } from './fleet-status.ts'

const minute = 60_000
const newest: RolloutSummary = {
  rollout: 'r20261128-131000',
  startedUnixMs: 0,
  changedUnixMs: 10 * minute,
  by: 'ada@ops-1',
  why: 'new tzdata',
  image: 'time@sha256:1',
  imageAsWritten: 'time:2',
  digest: 'abcdef0123456789',
  devices: 4,
  status: 'paused',
}
const status: FleetStatus = {
  fleet: 'guide',
  image: 'time:1',
  verdicts: [],
  good: 0,
  quorum: [{ name: 'stratum1', servers: 2, good: 0, minGood: 1, mayBeAway: 0, verdict: 'broken' }],
  remembered: {
    newest,
    blocked: [{ ...newest, digest: 'abcdef0123456789', atUnixMs: 0, why: 'falseticker' }],
    holder: {
      owner: { host: 'ops-1', pid: 4711, processStart: '' },
      operation: 'apply',
      sinceUnixMs: 58 * minute,
    },
    still: 'pi-2 waits: its source pi-1 does not give good time',
    waiting: [
      {
        kind: 'promotion',
        subject: 'rollout r20261128-131000',
        why: 'the canaries passed',
        command: 'timeball rollout promote r20261128-131000',
        sinceUnixMs: 10 * minute,
      },
    ],
  },
  left: [],
  nowUnixMs: 60 * minute,
}

test('a rollout that waits, what is blocked, and who is at work are told, with the ways on', () => {
  const lines = statusLines(status, { color: false, width: null })
  assert.deepEqual(lines.slice(2), [
    '         stratum1: 0 good now, at most 0 away at once, 1 must stay: fewer than required',
    'trouble  none',
    'rollout  r20261128-131000 paused 50 min ago, to time:2 by ada@ops-1 (new tzdata); timeball rollout status',
    'still    pi-2 waits: its source pi-1 does not give good time',
    'at work  apply on ops-1 (process 4711), began 2 min ago',
    'waits    rollout r20261128-131000 for 50 min: the canaries passed: timeball rollout promote r20261128-131000',
  ])
})

test('it fits 80 columns', () => {
  const lines = statusLines(status, { color: false, width: 80 })
  assert.ok(
    lines.every((line) => line.length <= 80),
    lines.join('\n'),
  )
})

test('what cannot be read is said, and is not "none"', () => {
  const lines = statusLines({ ...status, remembered: null }, { color: false, width: null })
  assert.match(lines.join('\n'), /^rollout +what rollouts did could not be read$/m)
})
