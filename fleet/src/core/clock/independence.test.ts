/** Who is one vote, who has none, and what the time is made of. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import { formatClockTable } from './format.ts'
import type { ClockReport, ClockServer } from './server.ts'
import { clockServer, judged, measured, rowsOf, upstreams } from './test/servers.ts'

const known: string[] = []

function addressOf(name: string): string {
  if (!known.includes(name)) known.push(name)
  return `10.0.0.${known.indexOf(name) + 1}`
}

function receiver(name: string, offsetSeconds = 0, change: Partial<ClockServer> = {}): ClockServer {
  const address = addressOf(name)
  const swept = measured({ offsetSeconds })
  return clockServer(name, { address, ownRefids: [address], swept, ...change })
}

function follower(
  name: string,
  said: Partial<NtpMeasurement>,
  change: Partial<ClockServer> = {},
): ClockServer {
  const swept = measured({ stratum: 2, rootDistanceSeconds: 0.002, ...said })
  return clockServer(name, { role: 'stratum2', swept, ...change })
}

function verdictOf({ judgements }: ClockReport, name: string): string | undefined {
  return judgements.find(({ server }) => server.name === name)?.verdict
}

test('forty followers of one coarse upstream do not move the time of three receivers', () => {
  const coarse = { stratum: 3, refid: '192.0.2.1', offsetSeconds: 0.08, rootDistanceSeconds: 0.095 }
  const many = Array.from({ length: 40 }, (_, index) => follower(`f${index}`, coarse))
  const report = judged([receiver('a', 0.0001), receiver('b', -0.0002), receiver('c'), ...many])
  const { time } = report
  assert.ok(time.kind === 'decided')
  assert.equal(time.votes, 4)
  assert.ok(Math.abs(time.centre) < 0.0002, `${time.centre}`)
  assert.ok(time.centreError >= (time.high - time.low) / 2)
  for (const { faults } of report.judgements.slice(0, 3)) assert.deepEqual(faults, [])
})

test('two that quarrel are told so, and one that is far from both is a falseticker', () => {
  const wide = [0.025, 0.03, 0.035, 0.04].map((rootDistanceSeconds, index) =>
    clockServer(`ref-${index}`, { swept: measured({ rootDistanceSeconds }) }),
  )
  const quarrel = [receiver('one', 0), receiver('other', 0.005)]
  const report = judged([...quarrel, ...wide, receiver('far', 10)])
  const verdicts = report.judgements.map(({ verdict }) => verdict)
  const good = wide.map(() => 'truechimer')
  assert.deepEqual(verdicts, ['undecidable', 'undecidable', ...good, 'falseticker'])
  assert.match(
    report.judgements[0]?.faults[0]?.text ?? '',
    /^contradicts other, and nobody can tell/,
  )
  const lines = formatClockTable(rowsOf(report), report.time, { color: false, width: null })
  const said = lines.find((line) => line.startsWith('the time is known')) ?? ''
  assert.equal(
    said,
    'the time is known within ± 3.91 ms: 5 of 7 independent votes agree, in 2 places',
  )
})

const wrongAddress = addressOf('wrong')
const wrong = receiver('wrong', 0.05, { addresses: [wrongAddress, 'wrong.example'] })
const right = receiver('right', 0)
/** As a follower names a server that it reaches by IPv6. */
const hash = '63.105.125.165'

/** Two followers of the wrong receiver, and what links them to it. */
function withFollowers(
  change: Partial<ClockServer>,
  source: Partial<ClockServer> = {},
): ClockReport {
  const two = ['f1', 'f2'].map((name) =>
    follower(name, { refid: hash, offsetSeconds: 0.05 }, change),
  )
  return judged([{ ...wrong, ...source }, right, ...two])
}

const links: readonly (readonly [name: string, report: ClockReport])[] = [
  ['its own IPv6 address', withFollowers({}, { ownRefids: [wrongAddress, hash] })],
  [
    'the only server that they are configured with',
    withFollowers({ upstreams: upstreams(wrongAddress) }),
  ],
  [
    'its name in their configuration',
    withFollowers({ upstreams: [{ address: 'wrong.example', refid: wrongAddress, clock: null }] }),
  ],
  [
    'one of two servers that they are configured with',
    withFollowers({ upstreams: upstreams(wrongAddress, addressOf('right')) }),
  ],
]
for (const [name, report] of links) {
  test(`followers by IPv6 have no vote of their own beside ${name}`, () => {
    assert.equal(report.time.votes, 2)
    assert.equal(report.time.kind, 'undecidable')
    assert.equal(verdictOf(report, 'right'), 'undecidable')
  })
}

test('followers that are configured with a server outside are a vote of their own', () => {
  const outside = [{ address: '2001:db8::1', refid: hash, clock: hash }]
  for (const others of [outside, [{ address: 'pool.example', refid: null, clock: null }]]) {
    const report = withFollowers({ upstreams: [...upstreams(wrongAddress), ...others] })
    assert.equal(report.time.votes, 3)
  }
})

/** With a fraction, as a daemon that sets its clock by a source has it. */
const stamp = 'eaaf0f36a0cdd6e2'

test('one daemon under two names is one vote, and is told so', () => {
  const twins = ['four', 'six'].map((name) =>
    clockServer(name, { swept: measured({ offsetSeconds: 0.05, referenceStamps: [stamp] }) }),
  )
  const report = judged([...twins, right])
  assert.equal(report.time.votes, 2)
  const [fault] = report.judgements[1]?.faults ?? []
  assert.equal(fault?.text, 'is the same daemon as four: together they are one vote')
})

test('one address is one vote, however often it is listed', () => {
  const listed = ['a', 'b'].map((name) =>
    clockServer(name, { address: '10.0.0.5', swept: measured({ offsetSeconds: 0.05 }) }),
  )
  assert.equal(judged([...listed, right]).time.votes, 2)
})

const notOne: readonly (readonly [name: string, change: Partial<NtpMeasurement>])[] = [
  ['a timestamp of a whole second', { referenceStamps: ['eaaf0f3600000000'] }],
  ['a timestamp and another time', { referenceStamps: [stamp], offsetSeconds: 1 }],
  ['a timestamp and another stratum', { referenceStamps: [stamp], stratum: 2, refid: '192.0.2.1' }],
]
for (const [name, change] of notOne) {
  test(`${name} in common makes no daemon of two`, () => {
    const said = { referenceStamps: change.referenceStamps ?? [] }
    const one = clockServer('one', { swept: measured(said) })
    const other = clockServer('other', { swept: measured(change) })
    assert.equal(judged([one, other, right]).time.votes, 3)
  })
}

test('a server that follows itself by another of its addresses is in a loop', () => {
  const swept = measured({ stratum: 3, refid: hash })
  const [alone] = judged([clockServer('a', { ownRefids: ['10.0.0.1', hash], swept })]).judgements
  assert.equal(alone?.faults[0]?.text, 'upstream loop: a → a')
})

for (const refid of ['127.127.1.0', '127.127.1.1', 'LOCL', '127.0.0.1']) {
  test(`two that agree and follow only themselves (${refid}) accuse no receiver`, () => {
    const free = ['x', 'y'].map((name) =>
      follower(name, { stratum: 10, refid, offsetSeconds: 3_600 }),
    )
    const report = judged([right, ...free])
    assert.equal(report.time.votes, 1)
    assert.deepEqual(
      report.judgements.map(({ verdict }) => verdict),
      ['undecidable', 'unsynchronised', 'unsynchronised'],
    )
    const alone = judged(free)
    assert.ok(alone.time.kind === 'undecidable')
    assert.equal(alone.time.why, 'no server follows a known reference clock')
  })
}

test('a reference clock at a higher stratum is a clock of its own', () => {
  for (const refid of ['127.127.28.0', 'GPS']) {
    const two = ['x', 'y'].map((name) => follower(name, { stratum: 4, refid }))
    assert.equal(judged(two).time.votes, 2)
  }
})

test('followers that contradict their source are listened to only when sources decide nothing', () => {
  const refid = addressOf('source')
  const liars = ['f1', 'f2', 'f3'].map((name) => follower(name, { refid, offsetSeconds: 0.05 }))
  const source = receiver('source', 0)
  const many = judged([source, receiver('b', 0), receiver('c', 0.05), ...liars])
  assert.equal(verdictOf(many, 'source'), 'truechimer')
  assert.equal(verdictOf(many, 'f1'), 'falseticker')
})
