import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ClockServer } from './server.ts'
import { clockServer, judged, measured, silent } from './test/servers.ts'

function at(name: string, offsetSeconds: number, change: Partial<ClockServer> = {}): ClockServer {
  return clockServer(name, { swept: measured({ offsetSeconds }), ...change })
}

function verdicts(servers: readonly ClockServer[]): string[] {
  return judged(servers).judgements.map(({ verdict }) => verdict)
}

test('receivers of one model are one vote: together they cannot outvote two others', () => {
  const model = { receiver: 'u-blox 8' }
  const same = ['a', 'b', 'c'].map((name) => at(name, 5, model))
  const others = [at('d', 0), at('e', 0)]
  assert.deepEqual(verdicts([...same, ...others]), [
    ...same.map(() => 'falseticker'),
    ...others.map(() => 'truechimer'),
  ])
})

test('two that follow each other by refid are a loop without a vote, whatever they agree on', () => {
  const loop = [
    clockServer('x', {
      ownRefids: ['10.0.0.1'],
      swept: measured({ stratum: 3, refid: '10.0.0.2', offsetSeconds: 1 }),
    }),
    clockServer('y', {
      ownRefids: ['10.0.0.2'],
      swept: measured({ stratum: 3, refid: '10.0.0.1', offsetSeconds: 1 }),
    }),
  ]
  const report = judged([...loop, at('a', 0), at('b', 0)])
  assert.ok(report.time.kind === 'decided' && report.time.votes === 2)
  assert.deepEqual(
    report.judgements.map(({ verdict }) => verdict),
    ['falseticker', 'falseticker', 'truechimer', 'truechimer'],
  )
})

test('a stratum 1 whose own followers contradict it has lost its vote to them', () => {
  const root = at('root', 0.05, { ownRefids: ['10.0.0.1'] })
  const followers = ['f1', 'f2'].map((name) =>
    clockServer(name, { swept: measured({ stratum: 2, refid: '10.0.0.1' }) }),
  )
  assert.deepEqual(verdicts([root, ...followers, at('other', 0)]), [
    'falseticker',
    'truechimer',
    'truechimer',
    'truechimer',
  ])
})

test('servers at one address cannot be told apart by a refid, and stay votes of their own', () => {
  const servers = [1, 2, 3].map((port) => at(`s${port}`, 0, { port, ownRefids: ['127.0.0.1'] }))
  const { time } = judged(servers)
  assert.ok(time.kind === 'decided' && time.votes === 3)
})

test('a server in orphan mode follows itself, which is no loop', () => {
  const swept = measured({ stratum: 5, refid: '127.0.0.1' })
  const [alone] = judged([clockServer('a', { ownRefids: ['127.0.0.1'], swept })]).judgements
  assert.ok(alone)
  assert.deepEqual(
    alone.faults.map(({ fault }) => fault),
    ['local-reference', 'stratum-jump'],
  )
})

test('a server whose refid is its own address is a loop of one', () => {
  const swept = measured({ stratum: 3, refid: '10.0.0.1' })
  const [alone] = judged([clockServer('a', { ownRefids: ['10.0.0.1'], swept })]).judgements
  assert.equal(alone?.faults[0]?.text, 'upstream loop: a → a')
})

test('a fleet that answers nothing is undecidable and unreachable', () => {
  const report = judged([clockServer('a', { swept: silent() })])
  assert.equal(report.judgements[0]?.verdict, 'unreachable')
  assert.deepEqual(report.time, { kind: 'undecidable', votes: 0, why: 'no server gave a time' })
})

test('a leap second is announced in June and December only, where no list is known', () => {
  const [fault] =
    judged([clockServer('a', { swept: measured({ leap: 1 }) })]).judgements[0]?.faults ?? []
  assert.match(fault?.text ?? '', /only done in June and December/)
})

const offsets = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: 1,
  maxLength: 9,
})
const shift = fc.double({ min: -1e6, max: 1e6, noNaN: true })

test("verdicts do not depend on how wrong this machine's clock is", () => {
  fc.assert(
    fc.property(offsets, shift, (places, by) => {
      // Away from the edges, where rounding of large numbers decides.
      const rounded = places.map((place) => Math.round(place * 10) / 10)
      const servers = (add: number): ClockServer[] =>
        rounded.map((place, index) => at(`s${index}`, place + add))
      assert.deepEqual(verdicts(servers(by)), verdicts(servers(0)))
    }),
  )
})

test('more than half of independent honest servers are never called falsetickers', () => {
  const honest = fc.array(fc.double({ min: -0.001, max: 0.001, noNaN: true }), {
    minLength: 3,
    maxLength: 7,
  })
  const lies = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { maxLength: 2 })
  fc.assert(
    fc.property(honest, lies, (places, wrong) => {
      const servers = [...places, ...wrong].map((place, index) => at(`s${index}`, place))
      assert.ok(!verdicts(servers).slice(0, places.length).includes('falseticker'))
    }),
  )
})
