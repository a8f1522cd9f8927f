/** Upstreams that no name of the fleet stands for are asked who they are, seldom, and it is remembered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressRefid } from '@timeball/clock/ntp/address-refid.ts'
import type { Swept } from '@timeball/clock/sweep/target.ts'
import { fleetOf } from '../../test/make-fleet.ts'
import { measured, silent } from '../core/clock/test/servers.ts'
import type { ClockTarget, ClockWorld } from '../ports/clock-world.ts'
import { memorySamples } from '../stores/memory/sample-store.ts'
import { strangeUpstreams } from './clock-servers.ts'
import { sparingStrangers } from './spare-strangers.ts'
import { sweepClocks } from './sweep-clocks.ts'

const wlan = 'fd00::7'
const fleet = fleetOf(`
all:
  children:
    stratum1:
      hosts:
        wrong: { ansible_host: 10.0.0.1, gps_enabled: yes }
        right: { ansible_host: 10.0.0.2, gps_enabled: yes }
    stratum2:
      hosts:
        f1: { ansible_host: 10.0.0.3, ntp_servers: '${wlan},right' }
        f2: { ansible_host: 10.0.0.4, ntp_servers: '${wlan},10.0.0.2' }
`)

/** Every packet sets the wrong one's clock anew, as time goes on. */
function worldOf(wlanSays: () => Swept) {
  const state = { atMs: 0, asked: 0 }
  const stampAt = (): string => (0xeaaf0f36_00000001n + BigInt(state.atMs)).toString(16)
  const follower = { stratum: 2, refid: addressRefid(wlan), offsetSeconds: 0.05 }
  const wrong = (): Swept => measured({ offsetSeconds: 0.05, referenceStamps: [stampAt()] })
  const says = new Map<string, () => Swept>([
    ['10.0.0.1', wrong],
    ['10.0.0.2', () => measured({ referenceStamps: [`1${stampAt().slice(1)}`] })],
    ['10.0.0.3', () => measured(follower)],
    ['10.0.0.4', () => measured(follower)],
    [wlan, wlanSays],
  ])
  const sweepTargets: ClockWorld['sweepClocks'] = (targets: readonly ClockTarget[]) => {
    state.asked += targets.filter(({ address }) => address === wlan).length
    const answers = targets.map(({ address }) => {
      const swept = says.get(address)?.() ?? silent()
      return { address, addresses: [address], swept }
    })
    return Promise.resolve({ answers, startedUnixMs: 1, tookSeconds: 0, isStepped: false })
  }
  const samples = memorySamples()
  const bare = { nowUnixMs: () => state.atMs, sweepClocks: sweepTargets }
  const world: ClockWorld = {
    ...bare,
    standings: new Map(),
    leapSeconds: () => Promise.resolve(null),
    sweepClocks: sparingStrangers(bare, {
      held: new Map(),
      now: () => ({ atMs: state.atMs, wallAheadNs: 0n }),
      openSamples: () => Promise.resolve(samples.open()),
      say: assert.fail,
    }),
  }
  const sweep = async () => await sweepClocks(fleet, world, null, new AbortController().signal)
  return { state, sweep, wrong, clocks: world }
}

test('a second address of a device is asked every 64 s, and known as its own between', async () => {
  const world = worldOf(() => world.wrong())
  for (; world.state.atMs < 640_000; world.state.atMs += 16_000) {
    const { time, judgements } = await world.sweep()
    assert.deepEqual([time.votes, time.kind], [2, 'undecidable'])
    assert.deepEqual(
      judgements.map(({ group }) => group),
      ['wrong', 'right', 'wrong', 'wrong'],
    )
  }
  assert.equal(world.state.asked, 10)
})

test('an address that is silent gives those that follow it no vote', async () => {
  const world = worldOf(() => silent())
  const { time, judgements } = await world.sweep()
  assert.equal(time.votes, 2)
  assert.deepEqual(
    judgements[2]?.faults.map(({ fault }) => fault),
    ['unproved-source'],
  )
})

test('what was measured while this machine’s clock was set is measured once more', async () => {
  const world = worldOf(() => silent())
  const steps = [true, false]
  const accused = measured({ rootDispersionSeconds: 12 })
  const swept: ClockWorld = {
    ...world.clocks,
    async sweepClocks(targets, signal) {
      const sweep = await world.clocks.sweepClocks(targets, signal)
      if (steps.shift() !== true) return sweep
      const answers = sweep.answers.map((answer) => ({ ...answer, swept: accused }))
      return { ...sweep, answers, isStepped: true }
    },
  }
  const sweep = await sweepClocks(fleet, swept, null, new AbortController().signal)
  assert.deepEqual(steps, [])
  assert.equal(sweep.isStepped, false)
  assert.notEqual(sweep.judgements[1]?.verdict, 'invalid')
})

test('names, and addresses that are known in any spelling, are not asked', () => {
  const ntpServers = ['pool.example', '2001:DB8::1', '10.0.0.1', '10.9.0.1', '10.9.0.1']
  const devices = [{ address: '10.0.0.1', ntpServers }]
  assert.deepEqual(strangeUpstreams(devices, [{ address: '2001:db8::1' }]), ['10.9.0.1'])
})
