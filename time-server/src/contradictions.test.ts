import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contradictionKinds, contradictionsIn } from './contradictions.ts'
import { selectedOf } from './selected.ts'
import { aPeer, aSystem, threePeers } from './test/a-look.ts'
import type { Daemon } from './observe.ts'

function aDaemon(change: Partial<Daemon> = {}): Daemon {
  const peers = threePeers()
  return {
    kind: 'ntpd',
    through: 'control',
    system: aSystem(),
    peers,
    unreadPeers: 0,
    ...change,
  }
}

function foundIn(daemon: Daemon): string[] {
  return contradictionsIn(daemon, selectedOf(daemon)).map(({ kind, text }) => `${kind}: ${text}`)
}

const [, ...candidates] = threePeers()
const following = (change: Parameters<typeof aPeer>[0]): Daemon['peers'] => [
  aPeer(change, 6),
  ...candidates,
]

for (const [name, daemon, found] of [
  ['a daemon in good step', aDaemon(), []],
  ['one without a source', aDaemon({ peers: candidates }), []],
  [
    'sources that have all jumped by 0.4 s, of which its own offset tells nothing',
    aDaemon({
      system: aSystem({ offsetMs: 0.66 }),
      peers: threePeers().map((peer) => ({ ...peer, offsetMs: 400.125, jitterMs: 370 })),
    }),
    [
      'offset: the daemon says that its offset is 0.660 ms, but its source 192.0.2.1 is 400.125 ms away',
    ],
  ],
  [
    'an old offset that was worse than the source is now',
    aDaemon({ system: aSystem({ offsetMs: 250 }) }),
    [],
  ],
  [
    'a source so far away that its offset is known to 300 ms only',
    aDaemon({ peers: following({ offsetMs: 290, delayMs: 600 }) }),
    [],
  ],
  [
    'another stratum than one more than its source',
    aDaemon({ peers: following({ stratum: 3 }) }),
    ['stratum: the daemon says that its stratum is 2, but its source 192.0.2.1 has 3'],
  ],
  ['one that is not in step', aDaemon({ system: aSystem({ leap: 3, stratum: 16 }) }), []],
  [
    'another reference than its source',
    aDaemon({ system: aSystem({ refid: '192.0.2.9' }) }),
    ['refid: the daemon says that it follows 192.0.2.9, but its source is 192.0.2.1'],
  ],
  [
    'a source by IPv6, whose reference is a hash',
    aDaemon({
      system: aSystem({ refid: '21.47.168.3' }),
      peers: following({ address: '2001:db8::1' }),
    }),
    [],
  ],
  [
    'a reference clock by its own reference',
    aDaemon({
      system: aSystem({ stratum: 1, refid: 'GPS' }),
      peers: following({ address: '127.127.28.0', stratum: 0, refid: 'GPS' }),
    }),
    [],
  ],
  [
    'a reference clock that stands for a server, by its address',
    aDaemon({
      system: aSystem({ stratum: 6, refid: '127.127.28.0' }),
      peers: following({ address: '127.127.28.0', stratum: 5, refid: 'GPS' }),
    }),
    [],
  ],
  [
    'a source that never answered',
    aDaemon({ peers: following({ reach: 0 }) }),
    ['reach: the daemon follows 192.0.2.1, which answered none of the last eight polls'],
  ],
  [
    'a mark on another source than it names',
    aDaemon({
      system: aSystem({ peerAssociation: 200 }),
      peers: following({ association: 100 }).with(
        1,
        aPeer({ association: 200, address: '192.0.2.2' }),
      ),
    }),
    ['selection: the daemon says that it follows 192.0.2.2, but has marked 192.0.2.1'],
  ],
  [
    'a pulse and the source that numbers its seconds, both marked',
    aDaemon({
      system: aSystem({ stratum: 1, refid: 'PPS', peerAssociation: 7 }),
      peers: [
        aPeer({ address: '127.127.28.0', stratum: 0, refid: 'GPS' }, 6),
        aPeer({ association: 7, address: '127.127.22.0', stratum: 0, refid: 'PPS' }, 7),
      ],
    }),
    [],
  ],
  [
    "ntpq's and chronyc's numbers of sources, which are not the daemon's",
    aDaemon({ through: 'ntpq', system: aSystem({ peerAssociation: 17_768 }) }),
    [],
  ],
  [
    'a leap indicator that the status word does not have',
    aDaemon({
      system: { ...aSystem(), leap: 0, status: { leap: 3, source: 6, eventCount: 1, event: 5 } },
    }),
    ['leap: the daemon says leap indicator 0, and 3 in its status word'],
  ],
  [
    'a negative root dispersion',
    aDaemon({ system: aSystem({ rootDispersionMs: -0.5 }) }),
    ['error: the daemon says that its root dispersion is -0.500 ms: nothing has less than none'],
  ],
  [
    'a root dispersion of nothing',
    aDaemon({ system: aSystem({ rootDispersionMs: 0 }) }),
    ['error: the daemon says that its root dispersion is 0: no clock is without error'],
  ],
  [
    'the zeros of a daemon that has just started',
    aDaemon({ system: aSystem({ rootDispersionMs: 0, referenceAgeSeconds: null }) }),
    [],
  ],
  [
    'a frequency at its limit',
    aDaemon({ system: aSystem({ frequencyPpm: -500 }) }),
    [
      'frequency: the frequency is corrected by -500.0 ppm, the most that can be: the clock drifts away all the same',
    ],
  ],
] as const) {
  test(`${name}: ${found.length === 0 ? 'no contradiction' : 'told with both figures'}`, () => {
    assert.deepEqual(foundIn(daemon), found)
  })
}

test('no figures make it throw, and each kind is told once', () => {
  const figure = fc.option(fc.oneof(fc.double(), fc.integer({ min: -20, max: 1000 })))
  const figures = { offsetMs: figure, delayMs: figure, stratum: figure, reach: figure }
  const system = {
    ...figures,
    rootDelayMs: figure,
    rootDispersionMs: figure,
    jitterMs: figure,
    frequencyPpm: figure,
    peerAssociation: figure,
    referenceAgeSeconds: figure,
    refid: fc.option(fc.string()),
  }
  fc.assert(
    fc.property(
      fc.record(system),
      fc.array(fc.tuple(fc.record(figures), fc.integer({ min: 0, max: 7 }))),
      (said, peers) => {
        const daemon = aDaemon({
          system: aSystem(said),
          peers: peers.map(([change, selection]) => aPeer(change, selection)),
        })
        const kinds = contradictionsIn(daemon, selectedOf(daemon)).map(({ kind }) => kind)
        assert.equal(new Set(kinds).size, kinds.length)
        assert.ok(kinds.every((kind) => contradictionKinds.includes(kind)))
      },
    ),
  )
})
