/** What is made of stored samples: score, objective, alert. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isAlerting } from './hysteresis.ts'
import { previousOf, type ClockSample } from './sample.ts'
import { scoreOf, stepOf } from './score.ts'
import { clockVerdicts, type ClockVerdict } from './server.ts'
import { attainmentOf } from './slo.ts'

function sample(change: Partial<ClockSample> = {}): ClockSample {
  return {
    server: 'pi-1',
    atUnixMs: 0,
    verdict: 'truechimer',
    offsetSeconds: 0.0001,
    errorSeconds: 0.0004,
    delaySeconds: 0.0004,
    stratum: 1,
    rootDispersionSeconds: 0.001,
    referenceAgeSeconds: 16,
    kiss: null,
    ...change,
  }
}

function times(count: number, change: Partial<ClockSample> = {}): ClockSample[] {
  return Array.from({ length: count }, () => sample(change))
}

test('a perfect server has almost 20, and one that was never judged has no score', () => {
  assert.ok((scoreOf(times(200)) ?? 0) > 19.9)
  assert.equal(scoreOf([]), null)
  assert.equal(scoreOf(times(9, { verdict: 'undecidable' })), null)
})

test('one lost sweep takes five points and five per cent', () => {
  const before = scoreOf(times(100)) ?? 0
  const after = scoreOf([...times(100), sample({ verdict: 'unreachable', offsetSeconds: null })])
  assert.ok(Math.abs((after ?? 0) - (before * 0.95 - 5)) < 1e-9)
})

/** ntppool/monitor, statusscore.go. */
const steps: readonly (readonly [change: Partial<ClockSample>, step: number])[] = [
  [{ offsetSeconds: 0.024 }, 1],
  [{ offsetSeconds: -0.05 }, 1.167 - 6.667 * 0.05],
  [{ offsetSeconds: 0.5, verdict: 'falseticker' }, 0.731 - 2.308 * 0.5],
  [{ offsetSeconds: 0.8, verdict: 'falseticker' }, -2],
  [{ offsetSeconds: 4, verdict: 'falseticker' }, -4],
  [{ stratum: 9 }, -4],
  [{ verdict: 'unreachable', offsetSeconds: null }, -5],
  [{ verdict: 'unsynchronised', offsetSeconds: null }, -2],
  [{ verdict: 'unreachable', kiss: 'RATE' }, -3.5],
  [{ verdict: 'unreachable', kiss: 'DENY' }, -10],
]
for (const [change, step] of steps) {
  test(`the step of ${JSON.stringify(change)} is ${step}`, () => {
    assert.equal(stepOf(sample(change))?.step, step)
  })
}

const anySample = fc
  .record({
    verdict: fc.constantFrom(...clockVerdicts),
    offsetSeconds: fc.option(fc.double({ noNaN: true })),
    errorSeconds: fc.option(fc.double({ min: 0, noNaN: true })),
    kiss: fc.option(fc.constantFrom('RATE', 'DENY')),
  })
  .map(sample)

test('whatever happens, a score stays within its bounds', () => {
  fc.assert(
    fc.property(fc.array(anySample), (samples) => {
      const score = scoreOf(samples)
      assert.ok(score === null || (score >= -100 && score <= 20))
    }),
  )
})

const objective = { withinSeconds: 0.001, share: 0.999, days: 30 }

test('one miss in a thousand uses up the budget of 99.9 %, two miss the objective', () => {
  const late = sample({ offsetSeconds: 0.005, verdict: 'falseticker' })
  const one = attainmentOf([...times(999), late], objective)
  assert.equal(one.attained, 0.999)
  assert.ok(Math.abs(one.budgetLeft ?? 1) < 1e-9)
  const two = attainmentOf([...times(998), late, late], objective)
  assert.ok((two.budgetLeft ?? 0) < -0.99)
})

const marks: readonly {
  readonly name: string
  readonly change: Partial<ClockSample>
  readonly mark: 'met' | 'missed' | 'unknown'
}[] = [
  { name: 'a proved good offset', change: {}, mark: 'met' },
  { name: 'no answer', change: { verdict: 'unreachable', offsetSeconds: null }, mark: 'missed' },
  {
    name: 'a clear miss, coarsely measured',
    change: { offsetSeconds: 1, errorSeconds: 0.1 },
    mark: 'missed',
  },
  { name: 'a good offset, too coarsely measured', change: { errorSeconds: 0.02 }, mark: 'unknown' },
  { name: 'an undecidable sweep', change: { verdict: 'undecidable' }, mark: 'unknown' },
]
for (const { name, change, mark } of marks) {
  test(`${name} is ${mark}`, () => {
    const { judged, missed, unknown } = attainmentOf([sample(change)], objective)
    assert.deepEqual(
      { judged, missed, unknown },
      {
        judged: mark === 'unknown' ? 0 : 1,
        missed: Number(mark === 'missed'),
        unknown: Number(mark === 'unknown'),
      },
    )
  })
}

const words: Readonly<Record<string, ClockVerdict>> = { f: 'falseticker', '?': 'undecidable' }

function series(text: string): ClockSample[] {
  return text.split('').map((letter) => sample({ verdict: words[letter] ?? 'truechimer' }))
}

test('an alert waits for three bad sweeps of five, and undecidable ones are passed over', () => {
  for (const quiet of ['', 'f', 'ff', 'ffttt', 'fff???tttt', 'ft?f']) {
    assert.equal(isAlerting(series(quiet)), false, quiet)
  }
  for (const loud of ['fff', 'ftftf', 'f?f?f', 'ttttfff']) {
    assert.equal(isAlerting(series(loud)), true, loud)
  }
})

test('the sweep before is the last one that measured something', () => {
  const history = [sample({ atUnixMs: 1_000 }), sample({ atUnixMs: 2_000, stratum: null })]
  assert.equal(previousOf(history, 4_000)?.ageSeconds, 3)
  assert.equal(previousOf([], 4_000), null)
})
