import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replay } from '../evolve.ts'
import type { RolloutEvent } from '../event.ts'
import { outlookOf } from '../outlook.ts'
import type { Sight } from '../sight.ts'
import { everyEvent, started } from '../test/events.ts'
import type { RolloutState } from '../state.ts'
import { eventLine } from './event-line.ts'
import { listView } from './list-view.ts'
import { eventRecord, blockedRecord, statusRecord, summaryRecord } from './records.ts'
import { statusView } from './status-view.ts'
import { timelineView } from './timeline-view.ts'
import { formatInstant } from './times.ts'

const layout = { color: false, width: null }
const device = 'pi-1'
const after = (seconds: number): number => started.atUnixMs + seconds * 1000

/** The canary moves, falls ill in the soak and is rolled back. */
const journal: readonly RolloutEvent[] = [
  started,
  { type: 'wave-started', atUnixMs: after(1), wave: 0 },
  { type: 'move-intended', atUnixMs: after(1), device, step: 'r-1-pi-1-1' },
  {
    type: 'moved',
    atUnixMs: after(31),
    device,
    before: 3,
    after: 4,
    tookSeconds: 30,
    errorsPerMinuteBefore: 1.5,
  },
  { type: 'served', atUnixMs: after(40), device, downtimeSeconds: 2.54 },
  {
    type: 'climbed',
    atUnixMs: after(40),
    device,
    gate: 'synced',
    isSilent: false,
    detail: 'reach 3 of 8',
  },
  { type: 'climbed', atUnixMs: after(100), device, gate: null, isSilent: false, detail: '' },
  { type: 'unhealthy', atUnixMs: after(160), device, detail: '50.1 ms off' },
  {
    type: 'rolling-back',
    atUnixMs: after(160),
    why: '1 device failed',
    scope: 'wave',
    isReleaseToBlame: true,
  },
  { type: 'return-intended', atUnixMs: after(160), device, step: 'r-1-pi-1-2' },
  { type: 'returned', atUnixMs: after(170), device, generation: 5, missing: [] },
  { type: 'verified', atUnixMs: after(230), device },
  { type: 'ended', atUnixMs: after(230), result: 'rolled_back', why: '1 device failed' },
]

function stateAfter(events: readonly RolloutEvent[]): RolloutState {
  const state = replay(events)
  assert.ok(state !== null)
  return state
}

function sight(change: Partial<Sight> = {}): Sight {
  const good = {
    time: 'good',
    gate: null,
    downtimeSeconds: null,
    lastingSeconds: null,
    veto: null,
  } as const
  const devices = new Map([
    ['pi-1', good],
    ['pi-2', good],
  ])
  return { nowMs: after(110), devices, comparison: null, freeze: null, ...change }
}

test('the status while the canary soaks', () => {
  const state = stateAfter(journal.slice(0, 7))
  assert.deepEqual(
    statusView(state, { nowMs: after(110), outlook: outlookOf(state, sight()) }, layout),
    [
      'Rollout r-1 of fleet guide: running',
      '  registry.test/time:2 (sha256:22)',
      '  by ada@ops-1, 1 min 50 s ago: gpsd with the leap fix',
      '',
      '▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░  0 of 2 moved   canary 0/1, wave 1 0/1',
      '',
      'DEVICE  WAVE    STATE     STEP                    GEN     DOWNTIME  WHY',
      'pi-1    canary  settling  soaks, 9 min 50 s left  3 -> 4     2.5 s',
      'pi-2    wave 1  waiting',
    ],
  )
})

test('on a narrow terminal the waves stand below the bar', () => {
  const look = { nowMs: after(110), outlook: null }
  const lines = statusView(stateAfter(journal.slice(0, 7)), look, { ...layout, width: 60 })
  assert.deepEqual(lines.slice(4, 6), [
    '▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░  0 of 2 moved',
    '  canary 0/1, wave 1 0/1',
  ])
})

test('why a device of the wave is not started is told, and what is frozen', () => {
  const state = stateAfter(journal.slice(0, 2))
  const frozen = sight({ freeze: 'a leap second at 2026-12-31 23:59:60Z' })
  const lines = statusView(state, { nowMs: after(2), outlook: outlookOf(state, frozen) }, layout)
  assert.match(lines.join('\n'), /^frozen: a leap second/m)
  assert.match(lines.join('\n'), /^pi-1 +canary +waiting +a leap second at/m)
})

function blockLine(isReleaseToBlame: boolean): string {
  const back = { type: 'rolling-back', why: 'x', scope: 'wave', isReleaseToBlame } as const
  const state = stateAfter([...journal.slice(0, 7), { ...back, atUnixMs: after(150) }])
  const look = { nowMs: after(160), outlook: null }
  assert.equal(statusRecord(state, look).release_blocked, isReleaseToBlame)
  return statusView(state, look, layout)[3] ?? ''
}

test('what was rolled back says whether the release is blocked, and how that is ended', () => {
  assert.equal(
    blockLine(true),
    '  the release is blocked until somebody looked: timeball rollout unblock',
  )
  assert.equal(
    blockLine(false),
    '  the release is not blocked, since nothing shows that it is at fault',
  )
})

test('the status of a device that was rolled back ends with the generation that it is on', () => {
  const state = stateAfter(journal)
  const lines = statusView(state, { nowMs: after(240), outlook: null }, layout)
  assert.match(lines.join('\n'), /^pi-1 +canary +returned +3 -> 4 -> 5 /m)
  const [first] = statusRecord(state, { nowMs: after(240), outlook: null }).devices
  assert.equal(first?.generation_returned, 5)
})

test('on a narrow terminal the reason of a rollback goes on below', () => {
  const lines = timelineView(journal, { color: false, width: 40 })
  assert.deepEqual(lines.slice(0, 3), [
    'Rollout r-1 of fleet guide: rolled',
    '    back: 1 device failed',
    '  registry.test/time:2 (sha256:22)',
  ])
})

test('the timeline of a rollback', () => {
  assert.deepEqual(timelineView(journal, layout), [
    'Rollout r-1 of fleet guide: rolled back: 1 device failed',
    '  registry.test/time:2 (sha256:22)',
    '  by ada@ops-1: gpsd with the leap fix',
    '  2026-11-18 11:06:40Z, 3 min 50 s',
    '',
    '     AFTER  AT                    WHO      WHAT',
    '       0 s  2026-11-18 11:06:40Z  rollout  registry.test/time:2 (sha256:22) to 2 devices in 2 waves',
    '       1 s  2026-11-18 11:06:41Z  canary   begins with 1 device',
    '       1 s  2026-11-18 11:06:41Z  pi-1     moves',
    '      31 s  2026-11-18 11:07:11Z  pi-1     generation 3 -> 4 in 30 s',
    '      40 s  2026-11-18 11:07:20Z  pi-1     serves again: 2.5 s without a good answer',
    '      40 s  2026-11-18 11:07:20Z  pi-1     synced: reach 3 of 8',
    '1 min 40 s  2026-11-18 11:08:20Z  pi-1     all gates hold: it soaks',
    '2 min 40 s  2026-11-18 11:09:20Z  pi-1     unhealthy: 50.1 ms off',
    '2 min 40 s  2026-11-18 11:09:20Z  rollout  the wave rolls back: 1 device failed; the release is blocked',
    '2 min 40 s  2026-11-18 11:09:20Z  pi-1     rolls back',
    '2 min 50 s  2026-11-18 11:09:30Z  pi-1     back, as generation 5',
    '3 min 50 s  2026-11-18 11:10:30Z  pi-1     the old release serves good time',
    '3 min 50 s  2026-11-18 11:10:30Z  rollout  rolled back: 1 device failed',
    '',
    'DEVICE  WAVE    RESULT       GEN          MOVED IN  SETTLED IN  DOWNTIME  WHY',
    'pi-1    canary  returned     3 -> 4 -> 5  30 s                  2.5 s     50.1 ms off',
    'pi-2    wave 1  not reached                                               the rollout ended before it',
    '',
    'Left alone:',
    '  pi-3: up to date',
  ])
  assert.deepEqual(timelineView([], layout), [])
})

test('neighbours in the journal that say the same are one row', () => {
  const [first] = started.plan.waves
  const waves = [{ ...first, kind: 'canary', devices: ['pi-1', 'pi-2'] } as const]
  const events: RolloutEvent[] = [
    { ...started, plan: { ...started.plan, waves } },
    { type: 'move-intended', atUnixMs: after(1), device: 'pi-1', step: 'a' },
    { type: 'move-intended', atUnixMs: after(2), device: 'pi-2', step: 'b' },
  ]
  const rows = timelineView(events, layout).filter((line) => line.includes('moves'))
  assert.equal(rows.length, 1)
  assert.match(rows[0] ?? '', /pi-\[1-2\] +moves/)
})

test('of many devices those are shown that have something to tell', () => {
  const names = Array.from({ length: 500 }, (_, index) => `d${index}`)
  const plan = { ...started.plan, waves: [{ kind: 'wave', devices: names } as const] }
  const state = stateAfter([
    { ...started, plan },
    { type: 'wave-started', atUnixMs: after(1), wave: 0 },
    ...names.slice(0, 3).map((name): RolloutEvent => ({ ...everyEvent.healthy, device: name })),
    { type: 'move-intended', atUnixMs: after(2), device: 'd7', step: 'x' },
    { ...everyEvent.lost, device: 'd9' },
  ])
  const lines = statusView(state, { nowMs: after(3), outlook: null }, layout)
  assert.deepEqual(
    lines.slice(6).map((line) => line.split(' ')[0]),
    ['DEVICE', 'd7', 'd9', '…'],
  )
  assert.match(lines.at(-1) ?? '', /^… and 498 devices: 3 healthy, 495 waiting$/)
  assert.match(lines[4] ?? '', /▒/)
})

test('every event has a line, and a record with snake_case keys only', () => {
  for (const event of Object.values(everyEvent)) {
    const { subject, text } = eventLine(event, started.plan)
    assert.ok(subject.length > 0 && text.length > 0, event.type)
    const keys = Object.keys(eventRecord(event))
    assert.deepEqual(
      keys.filter((key) => !/^[a-z_]+$/.test(key)),
      [],
    )
    assert.equal(eventRecord(event)['event'], event.type)
  }
})

test('the record of a status holds at every point of the journal, and of its end the result', () => {
  for (let length = 1; length <= journal.length; length += 1) {
    const record = statusRecord(stateAfter(journal.slice(0, length)), {
      nowMs: after(500),
      outlook: null,
    })
    assert.deepEqual(JSON.parse(JSON.stringify(record)), record)
  }
  const state = stateAfter(journal)
  const record = statusRecord(state, { nowMs: after(500), outlook: outlookOf(state, sight()) })
  assert.deepEqual(
    { result: record['result'], status: record['status'], why: record['status_why'] },
    { result: 'rolled_back', status: 'ended', why: '1 device failed' },
  )
})

const summary = {
  rollout: 'r-1',
  startedUnixMs: started.atUnixMs,
  changedUnixMs: after(230),
  by: 'ada@ops-1',
  why: 'gpsd with the leap fix',
  image: started.release.image,
  imageAsWritten: started.release.imageAsWritten,
  digest: 'd2',
  devices: 2,
  status: 'rolled_back',
} as const

test('the list of rollouts, with what is blocked', () => {
  const blocked = {
    digest: 'd2',
    image: summary.image,
    rollout: 'r-1',
    why: '50 ms off',
    atUnixMs: 1,
  }
  assert.deepEqual(listView([summary], [blocked], layout), [
    'ROLLOUT  STATUS       STARTED                     TOOK  DEVICES  RELEASE               BY         WHY',
    'r-1      rolled back  2026-11-18 11:06:40Z  3 min 50 s        2  registry.test/time:2  ada@ops-1  gpsd with the leap fix',
    '',
    'blocked: d2, since r-1 was rolled back: 50 ms off',
    '  registry.test/time@sha256:22',
  ])
  assert.deepEqual(listView([], [], layout), ['There was no rollout yet.'])
  assert.equal(summaryRecord(summary)['started_unix_ms'], started.atUnixMs)
  assert.equal(blockedRecord(blocked)['at_unix_ms'], 1)
})

test('instants are in UTC and say so', () => {
  assert.equal(formatInstant(0), '1970-01-01 00:00:00Z')
})
