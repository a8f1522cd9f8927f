import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { replay } from '../evolve.ts'
import type { RolloutEvent } from '../event.ts'
import { rolloutSettings } from '../settings.ts'
import { everyEvent, started } from '../test/events.ts'
import { decodeEvent, encodeEvent } from './format.ts'

function decoded(text: string): RolloutEvent {
  const event = decodeEvent(text)
  assert.ok(event.ok, event.ok ? '' : event.failure)
  return event.value
}

function settingsIn(stored: unknown): unknown {
  const event = decoded(JSON.stringify({ ...started, v: 2, settings: stored }))
  assert.ok(event.type === 'started')
  return event.settings
}

for (const event of Object.values(everyEvent)) {
  test(`${event.type} comes back as it was written`, () => {
    assert.deepEqual(decoded(encodeEvent(event)), event)
  })
}

/** Settings of all kinds, as `fleet.yaml` gives them. */
const anySettings = fc
  .record({
    soak: fc.constantFrom('0s', '90s', '1500ms', '40m'),
    waves: fc.constantFrom(undefined, [1, '50%', '100%'], ['100%']),
    minGood: fc.constantFrom(undefined, 0, 3),
    sets: fc.constantFrom({}, { soak: ['pi-1'], for: ['pi-2', 'pi-*'] }),
    alertmanager: fc.constantFrom(undefined, 'http://127.0.0.1:9093'),
    onAbort: fc.constantFrom('pause', 'rollback_wave', 'rollback_all'),
    shadow: fc.constantFrom('0s', '15m'),
    query: fc.constantFrom([], [{ name: 'q', query: 'up', success: 'result >= 1' }]),
    windows: fc.constantFrom([], ['Fri 16:00 - Mon 08:00 Europe/Berlin']),
  })
  .map((wish) =>
    rolloutSettings.parse({
      canary: { soak: wish.soak, promote: 'manual' },
      waves: wish.waves,
      quorum: { min_good: wish.minGood, sets: wish.sets },
      alertmanager: wish.alertmanager,
      on_abort: wish.onAbort,
      shadow: wish.shadow,
      gates: { promql: wish.query, deadlines: { gps: '7m' } },
      freeze: { windows: wish.windows },
    }),
  )

test('what fleet.yaml said comes back from the journal, whatever it said', () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      const event = decoded(encodeEvent({ ...started, settings }))
      assert.ok(event.type === 'started')
      assert.deepEqual(JSON.stringify(event.settings), JSON.stringify(settings))
    }),
  )
})

test('a setting that fleet.yaml has dropped since makes no journal unreadable', () => {
  assert.deepEqual(settingsIn({ ...started.settings, dropped_since: 5 }), started.settings)
})

test('a value that fleet.yaml refuses by now is read as it was written', () => {
  const tight = { ...started.settings, min_healthy_time: 3_600_000, healthy_deadline: 1 }
  assert.deepEqual(settingsIn(tight), tight)
})

test('a setting that is newer than the journal, or has a word that is gone, has its default', () => {
  const { interval: _, gates: __, ...older } = started.settings
  const odd = { ...older, unreachable_before: 'pray' }
  assert.deepEqual(settingsIn(odd), started.settings)
  assert.deepEqual(settingsIn(null), rolloutSettings.parse({}))
})

test('the defaults of the journal are those that fleet.yaml has now', () => {
  assert.deepEqual(settingsIn({}), rolloutSettings.parse({}))
})

test('an event that says more than we know is read without it', () => {
  const text = JSON.stringify({ ...everyEvent.moved, v: 2, said_since: { much: true } })
  assert.deepEqual(decoded(text), everyEvent.moved)
})

test('a word that is not known here is read as the more careful meaning', () => {
  const climbed = decoded(JSON.stringify({ ...everyEvent.climbed, v: 2, gate: 'roof' }))
  assert.deepEqual(climbed, { ...everyEvent.climbed, gate: 'container' })
  const ended = decoded(JSON.stringify({ ...everyEvent.ended, v: 2, result: 'splendid' }))
  assert.deepEqual(ended, { ...everyEvent.ended, result: 'needs_attention' })
})

test('what a device said is made printable and short', () => {
  const detail = `\u001b[2J${'x'.repeat(9_000)}`
  const read = decoded(JSON.stringify({ ...everyEvent.lost, v: 2, detail }))
  assert.ok(read.type === 'lost')
  assert.match(read.detail, /^x{900,1000}…$/)
})

const broken: readonly { readonly name: string; readonly text: string; readonly why: string }[] = [
  { name: 'no JSON', text: '{"type":', why: 'is no record' },
  { name: 'no record', text: '[1]', why: 'is no record' },
  {
    name: 'an unknown type',
    text: '{"v":2,"type":"exploded","atUnixMs":1}',
    why: 'is no event: type is missing or wrong',
  },
  {
    name: 'an event without a time',
    text: '{"v":2,"type":"verified","device":"pi-1"}',
    why: 'is no event: atUnixMs is missing or wrong',
  },
  {
    name: 'an event without its device',
    text: '{"v":2,"type":"verified","atUnixMs":1}',
    why: 'is no event: device is missing or wrong',
  },
  {
    name: 'a later version',
    text: '{"v":8,"type":"verified","atUnixMs":1,"device":"pi-1"}',
    why: 'was written by a later version of timeball (format 8)',
  },
]
for (const { name, text, why } of broken) {
  test(`${name} is no event, and that is said`, () => {
    assert.deepEqual(decodeEvent(text), { ok: false, failure: why })
  })
}

test('what no program should have made is not written', () => {
  assert.throws(() => encodeEvent({ ...everyEvent.moved, tookSeconds: -1 }))
})

/** One journal of each version that was ever written, with an event of each type. */
function fixture(version: number): string[] {
  const path = join(import.meta.dirname, `test/version-${version}.jsonl`)
  return readFileSync(path, 'utf8').trimEnd().split('\n')
}

/** What versions before the fourth do not know: how many errors a device wrote before. */
const { started: _, reverted: __, ...afterStart } = everyEvent
const withoutErrorRate = Object.values({
  ...afterStart,
  moved: { ...everyEvent.moved, errorsPerMinuteBefore: null },
})

/** Versions before the sixth do not know what was reverted. */
const { before } = started
const startedThen = {
  ...started,
  before: Object.fromEntries(
    Object.entries(before).map(([name, had]) => [name, { ...had, reverted: null }]),
  ),
}

test('a journal of version 1, in the words before today, is read in those of today', () => {
  const events = fixture(1).map(decoded)
  assert.deepEqual(events.slice(1), withoutErrorRate)
  const [first] = events
  assert.ok(first?.type === 'started')
  assert.deepEqual(first.plan.waves.at(-1), { kind: 'held-back', devices: ['pi-9'] })
  assert.equal(first.settings.gates.max_downtime, 45_000)
  assert.equal(first.settings.canary.soak, 90_000)
  assert.deepEqual(first.settings.quorum.sets, { clients: ['pi-*'] })
  assert.equal(replay(events)?.status.kind, 'ended')
})

test('a journal of version 2 does not know what fleet.yaml said meanwhile', () => {
  const release = { ...started.release, insteadOf: null }
  assert.deepEqual(fixture(2).map(decoded), [{ ...startedThen, release }, ...withoutErrorRate])
})

test('a journal of version 3 does not know how many errors a device wrote before', () => {
  assert.deepEqual(fixture(3).map(decoded), [startedThen, ...withoutErrorRate])
})

for (const version of [4, 5]) {
  test(`a journal of version ${version} does not know what was reverted`, () => {
    const events = [startedThen, ...Object.values(afterStart)]
    assert.deepEqual(fixture(version).map(decoded), events)
  })
}

test('a journal of version 6 does not know who could not be reached', () => {
  assert.deepEqual(fixture(6).map(decoded), Object.values(everyEvent))
})

test('version 7 is what is written now: a change of the format is a new version', () => {
  assert.deepEqual(Object.values(everyEvent).map(encodeEvent), fixture(7))
})
