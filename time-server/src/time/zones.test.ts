import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { parseNames, zoneDataIn } from './zone-data.ts'
import { convert, inZone } from './zones.ts'

const now = Temporal.Instant.from('2026-11-23T12:00:00Z')

const { names } = zoneDataIn('/usr/share/zoneinfo')

test('the list has UTC first, every name of tzdata that Node knows, and nothing twice', () => {
  assert.equal(names[0], 'UTC')
  assert.equal(new Set(names).size, names.length)
  for (const name of ['Asia/Kolkata', 'Asia/Calcutta', 'Europe/Kyiv', 'Europe/Kiev', 'GMT']) {
    assert.ok(names.includes(name), name)
  }
  for (const name of ['Asia/Kathmandu', 'Asia/Ho_Chi_Minh', 'US/Eastern']) {
    assert.ok(names.includes(name), name)
  }
})

test('the names that tzdata goes by come before their aliases', () => {
  const text =
    '# version x\nZ Europe/Kyiv 2 - EET\nZ Asia/Kolkata 5:30 - IST\nL Europe/Kyiv Europe/Kiev\n'
  const { names: all, targets } = parseNames(text)
  assert.deepEqual(all, ['Asia/Kolkata', 'Europe/Kyiv', 'Europe/Kiev'])
  assert.equal(targets.get('Europe/Kiev'), 'Europe/Kyiv')
})

test("without tzdata the names are Node's own, and abbreviations are offsets", async () => {
  const none = zoneDataIn('/nonexistent')
  assert.ok(none.names.length > 400)
  const abbreviation = await none.abbreviations('Asia/Kolkata')
  assert.deepEqual(
    [0, 3600, 19_800, -12_600].map((offset) => abbreviation(0, offset)),
    ['+00', '+01', '+0530', '-0330'],
  )
})

test('every listed zone can be read', () => {
  for (const zone of names) assert.ok(inZone(now, zone, names).ok, zone)
})

test('a zone may be written in any case', () => {
  const read = inZone(now, 'europe/berlin', names)
  assert.ok(read.ok)
  assert.equal(read.value.timeZoneId, 'Europe/Berlin')
})

for (const [zone, nearest] of [
  ['Germany/Berlin', 'Europe/Berlin'],
  ['Asia/Kolkatta', 'Asia/Kolkata'],
  ['Europe/Kyev', 'Europe/Kyiv'],
  ['US/Easter', 'US/Eastern'],
  ['new york', 'America/New_York'],
  ['Utc/Berln', 'Europe/Berlin'],
] as const) {
  test(`${zone} is unknown, and ${nearest} among the nearest`, () => {
    const read = inZone(now, zone, names)
    assert.ok(!read.ok)
    const [, said, known] = /^unknown time zone "(.*)"; known are (.*)$/.exec(read.failure) ?? []
    assert.equal(said, zone)
    assert.ok(known?.split(', ').includes(nearest), read.failure)
  })
}

for (const zone of [
  '2026-01-01T00:00Z',
  '2026-01-01T00:00+01:00[Europe/Berlin]',
  '12:00+02:00',
  '+02:00:00',
  '../Berlin',
  'Z',
  '',
]) {
  test(`"${zone}" is no zone`, () => assert.ok(!inZone(now, zone, names).ok))
}

for (const [time, from, to, result, ambiguity] of [
  ['14:30', 'Europe/Berlin', 'UTC', '2026-11-23T13:30:00+00:00[UTC]', 'none'],
  ['2026-03-29T02:30', 'Europe/Berlin', 'UTC', '2026-03-29T01:30:00+00:00[UTC]', 'gap'],
  ['2026-10-25T02:30', 'Europe/Berlin', 'UTC', '2026-10-25T00:30:00+00:00[UTC]', 'fold'],
  ['2026-07-01T00:00:00Z', 'UTC', 'Asia/Tokyo', '2026-07-01T09:00:00+09:00[Asia/Tokyo]', 'none'],
  ['2026-07-01', 'UTC', 'UTC', '2026-07-01T00:00:00+00:00[UTC]', 'none'],
] as const) {
  test(`${time} in ${from} is ${result}`, () => {
    const conversion = convert({ time, from, to }, now, names)
    assert.ok(conversion.ok)
    assert.equal(conversion.value.target.toString(), result)
    assert.equal(conversion.value.ambiguity, ambiguity)
  })
}

for (const time of ['', 'noon', '25:00', '2026-02-30', '2026-13-01T00:00']) {
  test(`"${time}" is refused`, () => {
    assert.ok(!convert({ time, from: 'UTC', to: 'UTC' }, now, names).ok)
  })
}

for (const time of ['23:59:60', '2016-12-31T23:59:60', '2016-12-31T23:59:60Z', '12:00:60.5']) {
  test(`${time} is refused as a leap second, not read as the second before`, () => {
    const conversion = convert({ time, from: 'UTC', to: 'UTC' }, now, names)
    assert.ok(!conversion.ok)
    assert.match(conversion.failure, /is a leap second, which no clock of a time zone counts/)
  })
}

for (const [time, to, year] of [
  ['9999-12-31T23:00:00Z', 'Pacific/Kiritimati', '10000'],
  ['0000-01-01T00:00:00Z', 'America/New_York', '-1'],
] as const) {
  test(`${time} is refused in ${to}, where its year cannot be written`, () => {
    const conversion = convert({ time, from: 'UTC', to }, now, names)
    assert.ok(!conversion.ok)
    assert.match(conversion.failure, new RegExp(`the year ${year} of `))
  })
}

test('nothing makes it throw', () => {
  const text = anyText({ maxLength: 80 })
  fc.assert(
    fc.property(text, text, text, (time, from, to) => {
      assert.equal(typeof convert({ time, from, to }, now, names).ok, 'boolean')
      assert.equal(typeof convert({ time, from: 'UTC', to }, now, names).ok, 'boolean')
    }),
  )
})
