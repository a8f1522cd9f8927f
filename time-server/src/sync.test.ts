import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PeerState, SystemState } from '@timeball/clock/control/state.ts'
import { judgeSync } from './sync.ts'
import type { SyncState } from './sync.ts'
import { aPeer, aSystem, threePeers } from './test/a-look.ts'

interface Case {
  readonly name: string
  readonly system?: Partial<SystemState>
  readonly peers?: readonly PeerState[]
  readonly state: SyncState
  readonly reasons: readonly RegExp[]
}

const candidates = threePeers().slice(1)
const following = (change: Partial<PeerState>): PeerState[] => [aPeer(change, 6), ...candidates]

const cases: Case[] = [
  { name: 'a good stratum 2', state: 'synced', reasons: [] },
  {
    name: "a follower of ntpd's own clock, by its address",
    system: { stratum: 6 },
    peers: following({ stratum: 5, refid: '127.127.1.0' }),
    state: 'unsynced',
    reasons: [/192\.0\.2\.1 follows only its own clock \(127\.127\.1\.0\)/],
  },
  {
    name: "a follower of ntpd's own clock, whose name is taken for an address",
    system: { stratum: 6 },
    peers: following({ stratum: 5, refid: '76.79.67.76' }),
    state: 'unsynced',
    reasons: [/follows only its own clock/],
  },
  {
    name: 'a follower of an orphan',
    system: { stratum: 6 },
    peers: following({ stratum: 5, refid: '127.0.0.1' }),
    state: 'unsynced',
    reasons: [/follows only its own clock/],
  },
  {
    name: 'a follower of a clock at the stratum of free ones, whatever that follows',
    system: { stratum: 12 },
    peers: following({ stratum: 11, refid: null }),
    state: 'unsynced',
    reasons: [/192\.0\.2\.1 runs free: stratum 11/],
  },
  {
    name: 'a follower at stratum 10, the last of those that follow somebody',
    system: { stratum: 10 },
    peers: following({ stratum: 9 }),
    state: 'synced',
    reasons: [],
  },
  {
    name: 'one that has lost a free clock',
    system: { stratum: 11 },
    peers: candidates,
    state: 'unsynced',
    reasons: [/no source is selected/],
  },
  {
    name: 'one that has lost its source',
    peers: candidates,
    state: 'holdover',
    reasons: [/no source/],
  },
  {
    name: 'one whose source answered none of eight polls',
    peers: following({ reach: 0 }),
    state: 'holdover',
    reasons: [/192\.0\.2\.1 answered none/],
  },
  {
    name: 'one whose source has jumped',
    peers: following({ offsetMs: 400 }),
    state: 'doubtful',
    reasons: [/its source 192\.0\.2\.1 is 400\.000 ms away/],
  },
  {
    name: 'one with a negative error bound',
    system: { rootDelayMs: -1 },
    state: 'doubtful',
    reasons: [/root delay is -1\.000 ms/],
  },
  {
    name: 'one with an alarm in its status word alone',
    system: { status: { leap: 3, source: 6, eventCount: 1, event: 5 } },
    state: 'unsynced',
    reasons: [/leap alarm/],
  },
  {
    name: 'one whose last update is from the future',
    system: { referenceAgeSeconds: -5 },
    state: 'unsynced',
    reasons: [/5 s ahead of the clock/],
  },
  {
    name: 'one that contradicts itself about whom it follows, not how well',
    system: { refid: '192.0.2.9', stratum: 3 },
    state: 'synced',
    reasons: [],
  },
]

for (const { name, system = {}, peers = threePeers(), state, reasons } of cases) {
  test(`${name} is ${state}`, () => {
    const said = { system: aSystem(system), peers, unreadPeers: 0 }
    const verdict = judgeSync({ kind: 'ntpd', through: 'control', ...said })
    assert.equal(verdict.state, state, verdict.reasons.join('; '))
    assert.equal(verdict.reasons.length, reasons.length, verdict.reasons.join('; '))
    reasons.forEach((reason, index) => assert.match(verdict.reasons[index] ?? '', reason))
  })
}
