import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { convert, inZone, timezones } from './zones.ts'

const now = Temporal.Instant.from('2026-11-23T12:00:00Z')

test('the list has UTC first, and nothing twice', () => {
  assert.equal(timezones[0], 'UTC')
  assert.ok(timezones.length > 400)
  assert.equal(new Set(timezones).size, timezones.length)
})

test('every listed zone can be read', () => {
  for (const zone of timezones) assert.ok(inZone(now, zone).ok, zone)
})

test('a zone may be written in any case', () => {
  const read = inZone(now, 'europe/berlin')
  assert.ok(read.ok)
  assert.equal(read.value.timeZoneId, 'Europe/Berlin')
})

test('an unknown zone names the nearest ones', () => {
  const read = inZone(now, 'Germany/Berlin')
  assert.deepEqual(read, {
    ok: false,
    failure: 'unknown time zone "Germany/Berlin"; known are Europe/Berlin',
  })
})

for (const [time, from, to, result, ambiguity] of [
  ['14:30', 'Europe/Berlin', 'UTC', '2026-11-23T13:30:00+00:00[UTC]', 'none'],
  ['2026-03-29T02:30', 'Europe/Berlin', 'UTC', '2026-03-29T01:30:00+00:00[UTC]', 'gap'],
  ['2026-10-25T02:30', 'Europe/Berlin', 'UTC', '2026-10-25T00:30:00+00:00[UTC]', 'fold'],
  ['2026-07-01T00:00:00Z', 'UTC', 'Asia/Tokyo', '2026-07-01T09:00:00+09:00[Asia/Tokyo]', 'none'],
  ['2026-07-01', 'UTC', 'UTC', '2026-07-01T00:00:00+00:00[UTC]', 'none'],
] as const) {
  test(`${time} in ${from} is ${result}`, () => {
    const conversion = convert({ time, from, to }, now)
    assert.ok(conversion.ok)
    assert.equal(conversion.value.target.toString(), result)
    assert.equal(conversion.value.ambiguity, ambiguity)
  })
}

for (const time of ['', 'noon', '25:00', '2026-02-30', '2026-13-01T00:00']) {
  test(`"${time}" is refused`, () => {
    assert.ok(!convert({ time, from: 'UTC', to: 'UTC' }, now).ok)
  })
}

test('nothing makes it throw', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 })
  fc.assert(
    fc.property(text, text, text, (time, from, to) => {
      assert.equal(typeof convert({ time, from, to }, now).ok, 'boolean')
      assert.equal(typeof convert({ time, from: 'UTC', to }, now).ok, 'boolean')
    }),
  )
})
