import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { settingsOf } from '../../../../test/make-fleet.ts'
import { parseSettings } from '../../settings/whole-settings.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { frozenAt, leapListWarning } from './freeze.ts'
import { parseFreezeWindow } from './freeze-window.ts'

const none = { leap_before: 0, leap_after: 0 }
const ms = (instant: string): number => Temporal.Instant.from(instant).epochMilliseconds

function frozen(window: string, instant: string): string | null {
  return frozenAt(ms(instant), { ...none, windows: [window] }, null)
}

test('a weekend is frozen from Friday to Monday, in the time of its zone', () => {
  const window = 'Fri 16:00 - Mon 08:00 Europe/Berlin'
  // Berlin is an hour ahead of UTC in November.
  assert.equal(frozen(window, '2026-11-27T14:59:59Z'), null)
  const why = `freeze window ${window}, until Mon 2026-11-30 08:00 Europe/Berlin`
  assert.equal(frozen(window, '2026-11-27T15:00:00Z'), why)
  assert.equal(frozen(window, '2026-11-30T06:59:59Z'), why)
  assert.equal(frozen(window, '2026-11-30T07:00:00Z'), null)
})

test('a night is frozen over midnight, and whole days to their end', () => {
  assert.notEqual(frozen('22:00 - 06:00 UTC', '2026-11-23T23:00Z'), null)
  assert.notEqual(frozen('22:00 - 06:00 UTC', '2026-11-24T05:59Z'), null)
  assert.equal(frozen('22:00 - 06:00 UTC', '2026-11-24T06:00Z'), null)
  assert.notEqual(frozen('Sat - Sun UTC', '2026-11-29T23:59Z'), null)
  assert.equal(frozen('Sat - Sun UTC', '2026-11-30T00:00Z'), null)
  assert.equal(frozen('sunday - monday UTC', '2026-11-28T23:59Z'), null)
  assert.notEqual(frozen('sunday - monday UTC', '2026-11-30T12:00Z'), null)
})

test('dates are frozen once, the last one included', () => {
  const window = '2026-12-24 - 2027-01-02 Europe/Berlin'
  assert.equal(frozen(window, '2026-12-23T22:59Z'), null)
  assert.match(frozen(window, '2026-12-23T23:00Z') ?? '', /until Sun 2027-01-03 00:00/)
  assert.notEqual(frozen(window, '2027-01-02T22:59Z'), null)
  assert.equal(frozen(window, '2027-01-02T23:00Z'), null)
  assert.equal(frozen(window, '2027-12-25T12:00Z'), null)
})

test('where the clocks are set, the window is the longer one that can be meant', () => {
  // On 2026-10-25 it is 02:30 twice in Berlin, at 00:30Z and 01:30Z.
  assert.notEqual(frozen('01:00 - 02:30 Europe/Berlin', '2026-10-25T01:29Z'), null)
  assert.equal(frozen('01:00 - 02:30 Europe/Berlin', '2026-10-25T01:30Z'), null)
  assert.notEqual(frozen('02:30 - 04:00 Europe/Berlin', '2026-10-25T00:30Z'), null)
  // On 2026-03-29 02:30 does not exist there; 02:00 would be 01:00Z.
  assert.notEqual(frozen('02:30 - 04:00 Europe/Berlin', '2026-03-29T00:30Z'), null)
  assert.notEqual(frozen('01:00 - 02:30 Europe/Berlin', '2026-03-29T01:29Z'), null)
})

test('of several reasons the one that lasts longest is told', () => {
  const windows = ['Sat - Sun UTC', 'Fri 16:00 - Mon 08:00 UTC']
  assert.match(
    frozenAt(ms('2026-11-28T12:00Z'), { ...none, windows }, null) ?? '',
    /^freeze window Fri 16:00/,
  )
})

const zones = Intl.supportedValuesOf('timeZone')
const times = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((pair) => pair.map((part) => String(part).padStart(2, '0')).join(':'))
const instants = fc.integer({ min: ms('2000-01-01T00:00Z'), max: ms('2040-01-01T00:00Z') })

test('whoever reads a clock in the zone sees when a daily window is closed', () => {
  const inputs = fc.tuple(times, times, fc.constantFrom(...zones), instants)
  fc.assert(
    fc.property(inputs, ([from, to, zone, nowMs]) => {
      fc.pre(from !== to)
      const local = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone)
      // On days on which clocks are set "the longer one" is meant; see the test above.
      const days = [-1, 0, 1].map((shift) => local.add({ days: shift }).hoursInDay)
      fc.pre(days.every((hours) => hours === 24))
      const clock = local.toPlainTime().toString({ smallestUnit: 'minute' })
      const isClosed = from < to ? from <= clock && clock < to : clock >= from || clock < to
      const why = frozenAt(nowMs, { ...none, windows: [`${from} - ${to} ${zone}`] }, null)
      assert.equal(why !== null, isClosed)
    }),
  )
})

test('the same week in any zone: closed seven days before is closed now, except where clocks are set', () => {
  const inputs = fc.tuple(times, times, fc.constantFrom(...zones), instants)
  fc.assert(
    fc.property(inputs, ([from, to, zone, nowMs]) => {
      const windows = [`Fri ${from} - Mon ${to} ${zone}`]
      const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone)
      const before = now.subtract({ days: 7 })
      const isSet = now.subtract({ days: 14 }).offset !== now.add({ days: 7 }).offset
      fc.pre(!isSet && before.offset === now.offset)
      const at = (instant: Temporal.ZonedDateTime): boolean =>
        frozenAt(instant.epochMilliseconds, { ...none, windows }, null) !== null
      assert.equal(at(now), at(before))
      if (now.dayOfWeek > 5) assert.equal(at(now), true)
      if (now.dayOfWeek > 1 && now.dayOfWeek < 5) assert.equal(at(now), false)
    }),
  )
})

const list = {
  expiresUnixSeconds: ms('2027-06-28T00:00Z') / 1000,
  changes: [
    { atUnixSeconds: ms('1972-01-01T00:00Z') / 1000, taiOffset: 10 },
    { atUnixSeconds: ms('2017-01-01T00:00Z') / 1000, taiOffset: 37 },
    { atUnixSeconds: ms('2027-01-01T00:00Z') / 1000, taiOffset: 36 },
  ],
}
const around = { leap_before: 24 * 3_600_000, leap_after: 6 * 3_600_000, windows: [] }

test('around a leap second nothing is changed, also when its month is over', () => {
  const why = 'a second less at the end of 2026-12-31 UTC, until Fri 2027-01-01 06:00 UTC'
  assert.equal(frozenAt(ms('2026-12-30T23:59:59Z'), around, list), null)
  assert.equal(frozenAt(ms('2026-12-31T00:00:00Z'), around, list), why)
  assert.equal(frozenAt(ms('2027-01-01T05:59:59Z'), around, list), why)
  assert.equal(frozenAt(ms('2027-01-01T06:00:00Z'), around, list), null)
  assert.match(frozenAt(ms('2016-12-31T12:00Z'), around, list) ?? '', /^a second more/)
  assert.equal(frozenAt(ms('1971-12-31T12:00Z'), around, list), null)
})

test('a list that does not reach as far as the freeze is warned of', () => {
  assert.equal(leapListWarning(ms('2027-06-26T23:59Z'), around, list), null)
  assert.match(leapListWarning(ms('2027-06-27T00:01Z'), around, list) ?? '', /expires soon/)
  assert.match(leapListWarning(ms('2027-07-01T00:00Z'), around, list) ?? '', /has expired/)
  assert.match(leapListWarning(ms('2027-07-01T00:00Z'), around, null) ?? '', /there is no list/)
})

function refused(text: string): string {
  const window = parseFreezeWindow(text)
  assert.ok(!window.ok, `${text} was accepted`)
  return window.failure
}

test('mistakes are told with what is wanted', () => {
  assert.match(refused('Fri 16:00 - Mon 08:00'), /is no time zone|time zone is wanted/)
  assert.match(refused('Fri 16:00 - Mon 08:00 Europe/Berlni'), /Europe\/Berlni is no time zone/)
  assert.match(refused('Fry 16:00 - Mon 08:00 UTC'), /^Fry 16:00 is no day, time or date/)
  assert.match(refused('Fri 24:30 - Mon 08:00 UTC'), /^Fri 24:30 is no day/)
  assert.match(refused('2026-02-30 - 2026-03-02 UTC'), /^2026-02-30 is no day/)
  assert.match(refused('Fri - 08:00 UTC'), /both ends/)
  assert.match(refused('08:00 - 08:00 UTC'), /ends when it begins/)
  assert.match(refused('2026-12-24 - 2026-12-20 UTC'), /ends before it begins/)
  assert.match(refused('weekends'), /a window with a time zone is wanted/)
})

test('any text is read or refused, and never thrown over', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      const window = parseFreezeWindow(text)
      assert.ok(window.ok || window.failure.length > 0)
    }),
  )
})

test('fleet.yaml is refused for a window that is none, at its line', () => {
  const text = 'rollout:\n  freeze:\n    windows:\n      - Fri 16:00 - Mon 08:00 Mars/Olympus\n'
  const settings = parseSettings('fleet.yaml', text)
  assert.ok(!settings.ok)
  const [problem] = settings.failure.map(formatProblem)
  assert.match(problem ?? '', /^fleet\.yaml:4:9: rollout\.freeze\.windows\.0: Mars\/Olympus is no/)
  assert.equal(settingsOf(text.replace('Mars/Olympus', 'UTC')).rollout.freeze.windows.length, 1)
})
