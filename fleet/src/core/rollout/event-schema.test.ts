import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rolloutEvent } from './event-schema.ts'
import { rolloutSettings } from './settings.ts'
import { journalSettings } from './settings-schema.ts'
import { everyEvent, started } from './test/events.ts'

for (const event of Object.values(everyEvent)) {
  test(`${event.type} comes back from its JSON as it was`, () => {
    assert.deepEqual(rolloutEvent.parse(JSON.parse(JSON.stringify(event))), event)
  })
}

test('every default duration survives the journal', () => {
  const settings = rolloutSettings.parse({})
  assert.deepEqual(journalSettings.parse(JSON.parse(JSON.stringify(settings))), settings)
})

test('a setting that is newer than the journal has its default', () => {
  const { interval: _, ...older } = started.settings
  const read = rolloutEvent.parse({ ...started, settings: older })
  assert.ok(read.type === 'started')
  assert.equal(read.settings.interval, rolloutSettings.parse({}).interval)
})

test('a client set may have the name of a setting', () => {
  const quorum = { ...started.settings.quorum, sets: { soak: ['pi-1'], for: ['pi-2'] } }
  const read = rolloutEvent.parse({ ...started, settings: { ...started.settings, quorum } })
  assert.ok(read.type === 'started')
  assert.deepEqual(read.settings.quorum.sets, quorum.sets)
})

test('what a device said is made printable and short', () => {
  const read = rolloutEvent.parse({ ...everyEvent.lost, detail: `\u001b[2J${'x'.repeat(9_000)}` })
  assert.ok(read.type === 'lost')
  assert.match(read.detail, /^x{900,1000}…$/)
})

const wrong: readonly { readonly name: string; readonly event: unknown }[] = [
  { name: 'an unknown type', event: { type: 'exploded', atUnixMs: 1 } },
  { name: 'an event without a time', event: { type: 'verified', device: 'pi-1' } },
  { name: 'an event without its device', event: { type: 'verified', atUnixMs: 1 } },
  { name: 'a gate that does not exist', event: { ...everyEvent.climbed, gate: 'roof' } },
  {
    name: 'settings that contradict themselves',
    event: { ...started, settings: { ...started.settings, healthy_deadline: 1_000 } },
  },
]
for (const { name, event } of wrong) {
  test(`${name} is no event`, () => {
    assert.equal(rolloutEvent.safeParse(event).success, false)
  })
}
