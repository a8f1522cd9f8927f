/** A server of the fleet by another of its addresses has no second vote; a clock outside keeps its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressRefid } from '@timeball/clock/ntp/address-refid.ts'
import type { NtpMeasurement } from '@timeball/clock/ntp/measurement.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import { clockEvidence } from '../service/clock-evidence.ts'
import { goodTime } from '../service/good-time.ts'
import type { ClockReport, ClockServer } from './server.ts'
import {
  between,
  count,
  honestClock,
  lyingClock,
  measure,
  randomOf,
  type Known,
  type Random,
} from './test/random-fleet.ts'
import { clockServer, judged, measured, silent } from './test/servers.ts'
import {
  standingsOf,
  withStandings,
  type AskedUpstream,
  type Standing,
  type Standings,
} from './upstreams.ts'

const nothing: Standings = new Map()
const second = '10.9.0.1'

function server(name: string, said: Partial<NtpMeasurement>): ClockServer {
  const address = `10.0.0.${name.length}`
  return clockServer(name, { address, ownRefids: [address], swept: measured(said) })
}

const wrong = server('wrong', { offsetSeconds: 0.05, referenceStamps: ['eaaf0f36a0cdd6e2'] })
const right = server('right-one', { referenceStamps: ['eaaf0f35b1f2a6e3'] })

/** Two that follow `address`, and are configured to. */
function followersOf(address: string): ClockServer[] {
  const upstreams = [{ address, refid: addressRefid(address), clock: null }]
  const said = { stratum: 2, refid: addressRefid(address), offsetSeconds: 0.05 }
  return ['f1', 'f2'].map((name) =>
    clockServer(name, { role: 'stratum2', upstreams, swept: measured(said) }),
  )
}

function asked(address: string, swept: Swept): AskedUpstream {
  return { address, refid: addressRefid(address), swept }
}

function judgedWith(address: string, swept: Swept, earlier = nothing): ClockReport {
  const servers = [wrong, right, ...followersOf(address)]
  return judged(withStandings(servers, standingsOf([asked(address, swept)], servers, earlier)))
}

const itself = wrong.swept
const another = measured({ offsetSeconds: 0.05, referenceStamps: ['eaaf0f30c0ffee11'] })

for (const address of [second, '2001:db8::7', 'fe80::1%wlan0', '203.0.113.9']) {
  test(`a server of the fleet that answers at ${address}, too, has one vote`, () => {
    const report = judgedWith(address, itself)
    assert.deepEqual([report.time.votes, report.time.kind], [2, 'undecidable'])
    assert.equal(report.judgements[3]?.group, 'wrong')
  })

  test(`another clock at ${address} has a vote`, () => {
    const report = judgedWith(address, another)
    assert.equal(report.time.votes, 3)
    assert.equal(report.judgements[3]?.group, `the source ${addressRefid(address)}`)
  })
}

for (const address of [second, '100.64.3.4', '169.254.7.1', '172.31.0.9', '2001:db8::7']) {
  test(`a silent ${address} proves nothing: who follows it has no vote, and is told why`, () => {
    const report = judgedWith(address, silent())
    assert.equal(report.time.votes, 2)
    const [, , follower] = report.judgements
    assert.equal(follower?.group, null)
    assert.deepEqual(
      follower?.faults.map(({ fault, level }) => `${level} ${fault}`),
      ['warn unproved-source'],
    )
    assert.match(follower?.faults[0]?.text ?? '', new RegExp(`${address}.* clock.references`))
  })
}

test('followers of an address that nobody can ask do not make the right server bad', () => {
  const report = judgedWith(second, silent())
  const third = clockServer('third', { swept: measured() })
  const servers = [...report.judgements.map((each) => each.server), third]
  const evidence = clockEvidence(judged(servers)).get('right-one')
  assert.notEqual(goodTime({ clock: evidence ?? null, said: null }).state, 'bad')
})

test('a public IPv4 address that is silent is another clock', () => {
  assert.equal(judgedWith('203.0.113.9', silent()).time.votes, 3)
})

test('what was proved once holds while the address is not asked, or is silent', () => {
  const proved: readonly Standing[] = [
    { kind: 'member', name: 'wrong', refid: second },
    { kind: 'other', clock: second },
  ]
  for (const standing of proved) {
    for (const swept of [silent(), { ...another, sent: 0 }]) {
      const earlier = new Map([[second, standing]])
      const now = standingsOf([asked(second, swept)], [wrong, right], earlier)
      assert.deepEqual(now.get(second), standing)
    }
  }
})

const unsynchronised = { leap: 3, stratum: 16, refid: 'INIT' } as const
const doubts: readonly (readonly [what: string, swept: Swept, kind: Standing['kind']])[] = [
  ['is silent', silent(), 'unproved'],
  ['has only whole seconds', measured({ referenceStamps: ['eaaf0f3600000000'] }), 'unproved'],
  ['says that it is not synchronised', { ...silent(), unsynchronised }, 'other'],
  ['has another stratum', measured({ stratum: 2, refid: '192.0.2.1' }), 'other'],
]
for (const [what, swept, kind] of doubts) {
  test(`while a device ${what} an answer from a second address is ${kind}`, () => {
    const answer = measured({ referenceStamps: ['eaaf0f30c0ffee11'] })
    const found = standingsOf(
      [asked(second, answer)],
      [right, clockServer('device', { swept })],
      nothing,
    )
    assert.equal(found.get(second)?.kind, kind)
  })
}

test('two addresses of one clock outside are one vote', () => {
  const both = [second, '2001:db8::9'].map((address) => asked(address, another))
  const servers = [right, ...both.flatMap(({ address }) => followersOf(address))]
  const report = judged(withStandings(servers, standingsOf(both, servers, nothing)))
  assert.equal(report.time.votes, 2)
})

/** One clock: in the fleet or outside, with followers by its own and by its other addresses. */
interface Family {
  readonly members: readonly Known[]
  readonly asked: readonly AskedUpstream[]
}

function familyOf(random: Random, index: number, isHonest: boolean, together: number): Family {
  const isSwept = random() < 0.7
  const clock = (): ReturnType<typeof honestClock> =>
    isHonest ? honestClock(random, random() < 0.6) : lyingClock(random, together, 1.5)
  // Of an outside clock with a public address no other one is used.
  const isPublic = !isSwept && random() < 0.5
  const address = isPublic ? `198.51.100.${index}` : `10.0.${index}.1`
  const own = { name: `c${index}`, stratum: 1, refid: 'GPS', ownRefids: [address] }
  const stamp = (0xeaaf0f3600000001n + BigInt(index)).toString(16)
  const source = clock()
  const head = measure(random, source, { ...own, stamp })
  const others = [`10.9.${index}.1`, `fd00::${index + 1}`, `2001:db8::${index + 1}`]
  const addresses = [address, ...others.slice(0, isPublic ? 0 : count(random, 0, others.length))]
  const upstreamsAsked = addresses.slice(isSwept ? 1 : 0).map((each) => {
    const { swept } = measure(random, source, { ...own, stamp }).server
    return asked(each, random() < 0.7 ? swept : silent())
  })
  const followers = Array.from({ length: count(random, isSwept ? 0 : 1, 4) }, (_, at): Known => {
    const upstream = addresses[count(random, 0, addresses.length - 1)] ?? address
    const refid = addressRefid(upstream)
    const place = { name: `c${index}-f${at}`, stratum: 2, refid, ownRefids: [], stamp: '0' }
    const known = measure(random, clock(), place)
    const upstreams = [{ address: upstream, refid, clock: null }]
    return { ...known, server: { ...known.server, upstreams } }
  })
  const isSilent = isSwept && random() < 0.1
  const itself = isSilent ? { ...head, server: { ...head.server, swept: silent() } } : head
  return { members: isSwept ? [itself, ...followers] : followers, asked: upstreamsAsked }
}

const fleets = 1_000
const seed = Math.floor(Math.random() * 2 ** 31)

/** The clock of a server, by its name. */
function clockOf(name: string): string {
  return name.replace(/-.*/, '')
}

test(`a clock has one vote at most, by however many addresses it is followed (${fleets} fleets, seed ${seed})`, () => {
  let decided = 0
  for (let index = 0; index < fleets; index += 1) {
    const random = randomOf(seed + index)
    const honest = count(random, 2, 5)
    const clocks = honest + count(random, 0, honest - 1)
    const together = between(random, 3, 4_000)
    const families = Array.from({ length: clocks }, (_, at) =>
      familyOf(random, at, at < honest, together),
    )
    const known = families.flatMap(({ members }) => members)
    const servers = known.map(({ server: each }) => each)
    const all = families.flatMap((family) => family.asked)
    const report = judged(withStandings(servers, standingsOf(all, servers, nothing)))
    const votesOfClocks = new Map<string, Set<string>>()
    for (const { group, server: each } of report.judgements) {
      if (group === null) continue
      const clock = clockOf(each.name)
      votesOfClocks.set(clock, (votesOfClocks.get(clock) ?? new Set()).add(group))
    }
    const where = `fleet ${index} of seed ${seed}`
    for (const [clock, groups] of votesOfClocks) {
      assert.equal(groups.size, 1, `${where}: ${clock} has ${[...groups].join(' and ')}`)
    }
    const groups = [...votesOfClocks.values()].flatMap((each) => [...each])
    assert.equal(new Set(groups).size, groups.length, `${where}: two clocks share a vote`)
    if (report.time.kind === 'decided') decided += 1
  }
  assert.ok(decided > fleets / 4, `${decided}`)
})
