/** Thousands of fleets of which the truth is known: what is stated holds, and nobody is accused wrongly. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClockReport } from './server.ts'
import {
  between,
  count,
  family,
  honestClock,
  lyingClock,
  measure,
  randomOf,
  refidFor,
  type Known,
  type Random,
} from './test/random-fleet.ts'
import { judged } from './test/servers.ts'

const fleets = 3_000
const seed = Math.floor(Math.random() * 2 ** 31)

/** Rounding of doubles. */
const epsilon = 1e-9

function each(name: string, make: (random: Random) => readonly Known[], check: Check): void {
  test(`${name} (${fleets} fleets, seed ${seed})`, () => {
    for (let index = 0; index < fleets; index += 1) {
      const known = make(randomOf(seed + index))
      const report = judged(known.map(({ server }) => server))
      try {
        statedErrorsHold(report, known)
        check(report, known)
      } catch (cause) {
        throw new Error(`fleet ${index} of seed ${seed}`, { cause })
      }
    }
  })
}

type Check = (report: ClockReport, known: readonly Known[]) => void

function statedErrorsHold({ time, judgements }: ClockReport, known: readonly Known[]): void {
  assert.ok(time.kind === 'decided', time.kind === 'undecidable' ? time.why : '')
  const { low, high, centre, centreError } = time
  assert.ok(low <= epsilon && high >= -epsilon, `the time is not in ${low} to ${high}`)
  assert.ok(centre >= low && centre <= high, `${centre} is not in what was proved`)
  assert.ok(Math.abs(centre) <= centreError + epsilon, `${centre} ± ${centreError} is false`)
  assert.ok(centreError >= (high - low) / 2 - epsilon, 'more is claimed than was proved')
  judgements.forEach(({ offsetSeconds, errorSeconds, server }, index) => {
    const wrong = Math.abs((offsetSeconds ?? 0) - (known[index]?.aheadSeconds ?? 0))
    const text = `${server.name}: ${offsetSeconds} ± ${errorSeconds}, really ${known[index]?.aheadSeconds}`
    assert.ok(wrong <= (errorSeconds ?? 0) + epsilon, text)
  })
}

/** Precise or not, with a few followers each, or many: three receivers and forty relays. */
function honestFamilies(random: Random, least: number): Known[][] {
  return Array.from({ length: count(random, least, 6) }, (_, index) => {
    const clock = honestClock(random, random() < 0.6)
    const many = random() < 0.1 ? count(random, 10, 40) : count(random, 0, 4)
    const followers = Array.from({ length: many }, () => honestClock(random, random() < 0.3))
    return family(random, `h${index}`, clock, followers)
  })
}

each(
  'an honest fleet agrees, and all that is stated holds',
  (random) => honestFamilies(random, 2).flat(),
  ({ judgements }) => {
    for (const { verdict, server } of judgements) assert.equal(verdict, 'truechimer', server.name)
  },
)

/** Fewer than the honest ones; all at one place or each elsewhere, with followers that lie, too. */
function dishonestFleet(random: Random): Known[] {
  const honest = honestFamilies(random, 3)
  const together = between(random, 3, 4_000) * (random() < 0.5 ? -1 : 1)
  const lie = (): number => (random() < 0.5 ? together : between(random, 3, 1e9))
  const liars = Array.from({ length: count(random, 1, honest.length - 1) }, (_, index) => {
    const many = random() < 0.2 ? count(random, 5, 20) : count(random, 0, 3)
    const place = lie()
    const followers = Array.from({ length: many }, () => lyingClock(random, place, 1.5))
    return family(random, `l${index}`, lyingClock(random, place, 1.5), followers)
  })
  const others = hangersOn(random, honest.flat(), lie)
  const isRoom = liars.length + 1 < honest.length
  return [...honest.flat(), ...liars.flat(), ...others.filter((each) => isRoom || !isVote(each))]
}

/** Of the hangers-on only the one that copies a timestamp has a vote of its own. */
function isVote({ server }: Known): boolean {
  return server.name === 'copy'
}

/** Liars that claim to follow an honest server, copy its timestamp, run free, or go in circles. */
function hangersOn(random: Random, honest: readonly Known[], lie: () => number): Known[] {
  const victims = honest.filter(({ server }) => server.ownRefids.length > 1)
  const [victim] = victims
  const stamp = victim?.server.swept.result.ok
    ? (victim.server.swept.result.value.referenceStamps[0] ?? '1')
    : '1'
  const clock = () => lyingClock(random, lie(), 1.5)
  const claimed = victim?.server.ownRefids[0] ?? refidFor('nobody')
  const followers = Array.from({ length: victim === undefined ? 0 : count(random, 0, 4) }, (_, i) =>
    measure(random, clock(), place(`claims-${i}`, claimed, 2)),
  )
  return [
    ...followers,
    measure(random, clock(), place('free', '127.127.1.0', 10)),
    measure(random, clock(), place('x', refidFor('4 y'), 3)),
    measure(random, clock(), place('y', refidFor('4 x'), 3)),
    measure(random, clock(), { ...place('copy', refidFor('elsewhere copy'), 3), stamp }),
  ]
}

each(
  'the honest majority is never outvoted by lies, and every lie is named',
  dishonestFleet,
  accuse,
)

function accuse({ judgements }: ClockReport, known: readonly Known[]): void {
  judgements.forEach(({ verdict, server }, index) => {
    const wanted = known[index]?.isHonest === true ? 'truechimer' : 'falseticker'
    assert.equal(verdict, server.name === 'free' ? 'unsynchronised' : wanted, server.name)
  })
}

/** More than 8 ms off: what precise servers claim does not reach so far, what others claim does. */
function subtleFleet(random: Random): Known[] {
  const precise = Array.from({ length: count(random, 2, 5) }, (_, index) => {
    return measure(random, honestClock(random, true), place(`p${index}`))
  }).filter(({ isPrecise }) => isPrecise)
  const wide = Array.from({ length: count(random, 0, 5) }, (_, index) =>
    measure(random, honestClock(random, false), place(`w${index}`)),
  )
  const together = between(random, 0.01, 0.3)
  const liars = Array.from({ length: Math.max(0, precise.length - 1) }, (_, index) => {
    const off = random() < 0.5 ? together : between(random, 0.01, 0.3)
    return measure(random, lyingClock(random, off, 0.009), place(`l${index}`))
  }).filter(({ isPrecise }) => isPrecise)
  return [...precise, ...wide, ...liars]
}

function place(name: string, refid = 'GPS', stratum = 1) {
  return { name, refid, stratum, ownRefids: [refidFor(`4 ${name}`)], stamp: '0000000000000000' }
}

test(`no honest server is accused while more precise ones are honest than lie (seed ${seed})`, () => {
  let decided = 0
  for (let index = 0; index < fleets; index += 1) {
    const known = subtleFleet(randomOf(seed + index))
    if (known.length < 2) continue
    const report = judged(known.map(({ server }) => server))
    if (report.time.kind === 'undecidable') continue
    decided += 1
    try {
      statedErrorsHold(report, known)
      report.judgements.forEach(({ verdict, server }, at) => {
        if (known[at]?.isHonest === true) assert.equal(verdict, 'truechimer', server.name)
      })
    } catch (cause) {
      throw new Error(`fleet ${index} of seed ${seed}`, { cause })
    }
  }
  assert.ok(decided > fleets / 2)
})
