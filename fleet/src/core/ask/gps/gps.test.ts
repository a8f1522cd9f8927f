import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeSerial, latencySetting, readSerial } from './serial-offset.ts'
import { calibrationLines } from './serial-view.ts'

/** As gpsd 3.25 sends it; the second as the sentence has it, and when it came. */
function second(kind: 'TOFF' | 'PPS', at: number, lateNs: number): string {
  const fields = { class: kind, device: '/dev/serial0', real_sec: at, real_nsec: 0 }
  return `gpsd=${JSON.stringify({ ...fields, clock_sec: at, clock_nsec: lateNs })}\n`
}

function seconds(kind: 'TOFF' | 'PPS', count: number, lateNs: (n: number) => number): string {
  return Array.from({ length: count }, (_, n) => second(kind, 1_764_381_600 + n, lateNs(n))).join(
    '',
  )
}

const followed =
  'board=*SHM(1)          .PPS.        0 l    2    8  377   0.0000  -3.0000   0.0012\n'

test('against the pulse: the median, whatever single sentences do', () => {
  const text =
    seconds('TOFF', 60, (n) => (n === 7 ? 900_000_000 : 120_000_000 + (n % 5) * 1_000_000)) +
    seconds('PPS', 60, () => 2_000_000)
  const judged = judgeSerial(readSerial(text), null)
  assert.ok(judged.ok)
  assert.equal(judged.value.against, 'pulse')
  assert.equal(latencySetting(judged.value), 0.12)
  assert.ok(judged.value.toSeconds < 0.123)
})

test('against the pulse that ntpd follows, before and after', () => {
  const text = followed + seconds('TOFF', 30, () => 120_000_000) + followed
  const judged = judgeSerial(readSerial(text), null)
  // The clock is 3 ms ahead of the pulse.
  assert.ok(judged.ok && latencySetting(judged.value) === 0.117)
  const once = judgeSerial(readSerial(text.slice(followed.length)), null)
  assert.ok(!once.ok && /neither a pulse nor/.test(once.failure))
})

test("against the fleet's time, as far as that is known well enough", () => {
  const samples = readSerial(seconds('TOFF', 30, () => 150_000_000))
  const good = judgeSerial(samples, { aheadSeconds: 0.05, errorSeconds: 0.002 })
  assert.ok(good.ok && good.value.against === 'fleet' && latencySetting(good.value) === 0.1)
  const vague = judgeSerial(samples, { aheadSeconds: 0.05, errorSeconds: 0.03 })
  assert.ok(!vague.ok && /only to 30 ms/.test(vague.failure))
})

test('nothing is proposed from silence, from scatter, or from another second', () => {
  const agreed = { aheadSeconds: 0, errorSeconds: 0.001 }
  const whyNot = (text: string): string => {
    const judged = judgeSerial(readSerial(text), agreed)
    return judged.ok ? '' : judged.failure
  }
  assert.match(whyNot(''), /0 sentences came, and 20 are needed/)
  assert.match(whyNot(seconds('TOFF', 40, (n) => n * 10_000_000)), /times 351 ms apart/)
  const late = Array.from({ length: 40 }, (_, n) => {
    const fields = { class: 'TOFF', device: '/d', real_sec: n, real_nsec: 0, clock_sec: n + 1 }
    return `gpsd=${JSON.stringify({ ...fields, clock_nsec: 100_000_000 })}`
  })
  assert.match(whyNot(late.join('\n')), /in another second/)
})

test('what to write, and where; what is set and fits is said', () => {
  const offset = {
    ...({ against: 'pulse', samples: 287, lateSeconds: 0.1229 } as const),
    ...{ fromSeconds: 0.121, toSeconds: 0.1253 },
  }
  const known = { device: 'pi-1', offset, tookMs: 300_000, place: 'inventory.yml:7' }
  assert.deepEqual(calibrationLines({ ...known, setSeconds: null }), [
    'pi-1: 287 sentences in 5 min, against the pulse',
    '  late by  122.9 ms (median); nine of ten are late by 121.0 to 125.3 ms',
    '  setting  gps_latency is 0.12 by default, and should be 0.123',
    'Write it into the variables of pi-1 (inventory.yml:7):',
    '    gps_latency: 0.123',
    'and then: timeball plan pi-1',
  ])
  const fits = calibrationLines({ ...known, setSeconds: 0.123 })
  assert.equal(fits.at(-1), '  setting  gps_latency is 0.123, and fits')
})
