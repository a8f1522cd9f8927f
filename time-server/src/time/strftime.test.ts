import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { strftime } from './strftime.ts'
import { byOffset, zoneDataIn } from './zone-data.ts'

const instant = Temporal.Instant.from('2026-03-01T23:05:09.012345678Z')
const berlin = instant.toZonedDateTimeISO('Europe/Berlin')
const zoneData = zoneDataIn('/usr/share/zoneinfo')

for (const [format, text] of [
  ['%Y-%m-%dT%H:%M:%S.%N%:z', '2026-03-02T00:05:09.012345678+01:00'],
  ['%F %T %z', '2026-03-02 00:05:09 +0100'],
  ['%A %a %B %b %e %j %u %w', 'Monday Mon March Mar  2 061 1 1'],
  ['%I:%M %p|%l|%k|%P', '12:05 AM|12| 0|am'],
  ['%3N %6N %f', '012 012345 012345'],
  ['%s %% %%Y', '1772406309 % %Y'],
  ['%Z', '+01'],
  ['no conversion', 'no conversion'],
] as const) {
  test(`${format} is ${text}`, () => {
    assert.deepEqual(strftime(format, berlin, byOffset), { ok: true, value: text })
  })
}

test('a conversion that is not known is named, and so is a lone percent sign', () => {
  const read = strftime('%Q %', berlin, byOffset)
  assert.ok(!read.ok)
  assert.equal(read.failure, 'the format has conversions that are not known: %Q, %')
})

test('it writes what date(1) writes', () => {
  const format =
    '%a %A %b %B %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %p %r %R %s %S %T %u %U %V %w %W %y %Y %z'
  const seconds = [
    0, 86_399, 951_782_400, 1_230_768_000, 1_767_225_599, 1_774_746_000, 4_102_444_800,
  ]
  for (const second of seconds) {
    const environment = { ...process.env, TZ: 'Asia/Kolkata', LC_ALL: 'C' }
    const argv = ['-d', `@${second}`, `+${format}`]
    const expected = execFileSync('date', argv, { encoding: 'utf8', env: environment })
    const time = Temporal.Instant.fromEpochMilliseconds(second * 1000)
    const text = strftime(format, time.toZonedDateTimeISO('Asia/Kolkata'), byOffset)
    assert.deepEqual(text, { ok: true, value: expected.trimEnd() })
  }
})

test('no format makes it throw', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), (format) => {
      assert.equal(typeof strftime(format, berlin, byOffset).ok, 'boolean')
    }),
  )
})

const offsetOf = (text: string): string => text.slice(0, '+0100'.length)

/** Offset and name of each zone at these times, by date(1): one shell, since there are 400 zones. */
function abbreviationsByDate(zones: readonly string[], seconds: readonly number[]): string[][] {
  const times = seconds.map((second) => `@${second}\n`).join('')
  const script = `while read -r TZ; do export TZ; date -f - '+%z %Z' <<END\n${times}END\ndone`
  const environment = { ...process.env, LC_ALL: 'C' }
  const input = zones.map((zone) => `${zone}\n`).join('')
  const lines = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: environment, input })
    .trimEnd()
    .split('\n')
  const size = seconds.length
  assert.equal(lines.length, zones.length * size)
  return zones.map((_, index) => lines.slice(index * size, (index + 1) * size))
}

test('the abbreviation is that of date(1), in every zone, in winter and in summer', async () => {
  const seconds = [-1_000_000_000, 0, 1_000_000_000, 1_768_478_400, 1_784_116_800, 2_400_000_000]
  const zones = [...zoneData.names]
  const expected = abbreviationsByDate(zones, seconds)
  for (const [index, zone] of zones.entries()) {
    const abbreviation = await zoneData.abbreviations(zone)
    const written = seconds.map((second) => {
      const time = Temporal.Instant.fromEpochMilliseconds(second * 1000).toZonedDateTimeISO(zone)
      const text = strftime('%z %Z', time, abbreviation)
      return text.ok ? text.value : text.failure
    })
    // Node's rules may be newer than the installed ones: then there is nothing to compare.
    const comparable = expected[index]?.map((text, at) => {
      const own = written[at] ?? ''
      return offsetOf(text) === offsetOf(own) ? text : own
    })
    assert.deepEqual(written, comparable, zone)
  }
})

test('a format of the same conversion over and over writes it once', () => {
  let asked = 0
  const counting = (): string => `${(asked += 1)}`
  const format = '%Z'.repeat(128)
  assert.deepEqual(strftime(format, berlin, counting), { ok: true, value: '1'.repeat(128) })
  assert.equal(asked, 1)
})
