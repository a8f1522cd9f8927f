import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RolloutEvent } from '../rollout/event.ts'
import { replay } from '../rollout/evolve.ts'
import { obstructed } from '../rollout/outlook.ts'
import { everyEvent, started } from '../rollout/test/events.ts'
import { waitingFor, type WaitingInput } from './waiting.ts'

const hour = 3_600_000
const { rollout } = started
const endMs = started.atUnixMs + hour
const ended = { ...everyEvent.ended, atUnixMs: endMs }
const stuck = [
  { ...everyEvent.stuck, device: 'pi-1' },
  { ...ended, result: 'needs_attention' },
] as const

function waitingAfter(
  events: readonly RolloutEvent[],
  change: Partial<WaitingInput> = {},
): (string | undefined)[][] {
  const found = waitingFor({
    newest: replay([started, ...events]),
    isCared: true,
    outlook: null,
    blocked: [],
    left: [],
    wishes: { promote_held_back: true, repair: true },
    nowUnixMs: endMs + 100 * 24 * hour,
    ...change,
  })
  return found.map(({ kind, subject, why, command }) => [kind, subject, why, command])
}

test('nothing waits where all is done, or goes on by itself', () => {
  assert.deepEqual(waitingAfter([]), [])
  assert.deepEqual(waitingAfter([{ ...ended, result: 'done' }]), [])
  assert.deepEqual(waitingAfter([], { newest: null }), [])
})

test('a rollout that is paused, or awaits its promotion, waits with its reason', () => {
  const paused = { ...everyEvent.paused, why: 'lunch', awaits: 'resume' } as const
  assert.deepEqual(waitingAfter([paused]), [
    ['paused', 'rollout r-1', 'lunch', `timeball rollout resume ${rollout}`],
  ])
  const promotion = { ...paused, why: 'the canaries passed', awaits: 'promotion' } as const
  assert.deepEqual(waitingAfter([promotion]), [
    ['promotion', 'rollout r-1', 'the canaries passed', `timeball rollout promote ${rollout}`],
  ])
})

test('what nobody runs waits where there is no controller', () => {
  assert.deepEqual(waitingAfter([], { isCared: false }), [
    ['abandoned', 'rollout r-1', 'nobody runs it', `timeball rollout resume ${rollout}`],
  ])
})

test('what a controller cannot go on with waits, until it has ended', () => {
  const outlook = obstructed(rollout, { kind: 'changed', text: 'the files changed' }, endMs - 1)
  const row = [
    'obstacle',
    'rollout r-1',
    'it does not go on: the files changed',
    `timeball rollout status ${rollout}`,
  ]
  assert.deepEqual(waitingAfter([], { outlook }), [row])
  const done = { ...ended, result: 'done' } as const
  assert.deepEqual(waitingAfter([done], { outlook }), [])
  assert.deepEqual(waitingAfter([done], { outlook: { ...outlook, atUnixMs: endMs + 1 } }), [row])
})

test('devices that need attention wait, and whether they are repaired by themselves is said', () => {
  const command = `timeball rollout show ${rollout}`
  const itself = 'in neither state for certain; it is repaired when it answers again'
  assert.deepEqual(waitingAfter(stuck), [['attention', 'pi-1', itself, command]])
  const off = { wishes: { promote_held_back: true, repair: false } }
  const alone = [['attention', 'pi-1', 'in neither state for certain', command]]
  assert.deepEqual(waitingAfter(stuck, off), alone)
  assert.deepEqual(waitingAfter(stuck, { isCared: false }), alone)
})

test('devices held back wait only where nobody promotes them, and when their time is over', () => {
  const plan = {
    ...started.plan,
    waves: [
      { kind: 'canary', devices: ['pi-1'] },
      { kind: 'held-back', devices: ['pi-2'] },
    ],
  } as const
  const done = { ...ended, result: 'done' } as const
  const newest = replay([{ ...started, plan }, everyEvent.healthy, done])
  const dueMs = endMs + started.settings.diversity.for
  const alone = { newest, isCared: false }
  assert.deepEqual(waitingAfter([], { newest, nowUnixMs: dueMs + hour }), [])
  assert.deepEqual(waitingAfter([], { ...alone, nowUnixMs: dueMs - hour }), [])
  assert.deepEqual(waitingAfter([], { ...alone, nowUnixMs: dueMs + hour }), [
    [
      'held-back',
      'pi-2',
      'a release behind, and diversity.for is over for 1 h',
      `timeball rollout promote ${rollout}`,
    ],
  ])
})

test('releases that are blocked and devices that left wait, each with its command', () => {
  const release = {
    ...{ digest: 'abcdef0123456789', image: 'time@sha256:1', rollout, why: 'falseticker' },
    atUnixMs: 0,
  }
  const left = { name: 'pi-9', address: '10.0.0.9', sshPort: 22, user: 'pi' }
  const found = waitingAfter([], {
    blocked: [release],
    left: [{ ...left, privateKeyFile: null, commonArgs: [] }],
  })
  assert.deepEqual(
    found.map(([kind, , , command]) => [kind, command]),
    [
      ['blocked', 'timeball rollout unblock abcdef012345'],
      ['left', 'timeball device retire pi-9'],
    ],
  )
})
