import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measured, silent } from '../clock/test/servers.ts'
import { formatControllerMetrics } from './metrics.ts'
import type { Waiting } from './waiting.ts'
import { aRollout, aView, clocksSeen, lookAt } from './test/a-view.ts'
import type { ControllerView } from './view.ts'

/** Samples by name and labels. */
function samplesOf(view: ControllerView): ReadonlyMap<string, string> {
  const lines = formatControllerMetrics(view)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1) ?? '']),
  )
}

test('a well fleet has its quorum, is reached, and runs what it should', () => {
  const samples = samplesOf(
    aView({
      keys: new Map([['pi-ntp-02', 1_795_000_000_000]]),
      backups: {
        good: new Map([['pi-ntp-02', 1_795_000_001_000]]),
        drilled: new Map([['pi-ntp-02', 0]]),
      },
    }),
  )
  const expected = {
    'timeball_controller_info{version="0.1.0"}': '1',
    timeball_controller_fleet_stale: '0',
    timeball_controller_devices: '4',
    timeball_controller_last_sweep_timestamp_seconds: '1795000000',
    timeball_controller_sweep_duration_seconds: '0.5',
    'timeball_quorum_good{set="stratum1"}': '2',
    'timeball_quorum_min{set="stratum1"}': '1',
    'timeball_device_reachable{device="pi-ntp-02"}': '1',
    'timeball_device_drifted{device="pi-ntp-02"}': '0',
    'timeball_version_drift{device="pi-ntp-02"}': '0',
    'timeball_key_set_timestamp_seconds{device="pi-ntp-02"}': '1795000000',
    'timeball_backup_last_good_timestamp_seconds{device="pi-ntp-02"}': '1795000001',
    'timeball_backup_last_drill_timestamp_seconds{device="pi-ntp-02"}': '0',
    'timeball_clock_falseticker{server="pi-gps-01"}': '0',
    timeball_clock_decided: '1',
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name)
})

test('before the first sweep and the first check nothing is said about servers and devices', () => {
  const samples = samplesOf(aView({ clocks: null, devices: new Map(), schedules: [] }))
  assert.deepEqual(
    [...samples.keys()],
    [
      'timeball_controller_info{version="0.1.0"}',
      'timeball_controller_fleet_stale',
      'timeball_controller_devices',
    ],
  )
})

test('a silent server and a falseticker do not count towards the quorum', () => {
  const clocks = clocksSeen({
    'pi-gps-01': { swept: silent() },
    'pi-gps-02': { swept: measured({ offsetSeconds: 0.3 }) },
  })
  const samples = samplesOf(aView({ clocks }))
  assert.equal(samples.get('timeball_quorum_good{set="stratum1"}'), '0')
  assert.equal(samples.get('timeball_quorum_good{set="stratum2"}'), '2')
})

test('what is not known of a device has no sample, and what differs is 1', () => {
  const devices = new Map([
    ['a', lookAt('a', { isReachable: false, drift: null, isOutdated: null, image: null })],
    ['b', lookAt('b', { drift: ['file:/etc/default/gpsd'], isOutdated: true, image: 'sha256:ff' })],
  ])
  const samples = samplesOf(aView({ clocks: null, devices }))
  const seen = [...samples].filter(([name]) => name.includes('device='))
  assert.deepEqual(seen, [
    ['timeball_device_reachable{device="a"}', '0'],
    ['timeball_device_reachable{device="b"}', '1'],
    ['timeball_device_drifted{device="b"}', '1'],
    ['timeball_version_drift{device="b"}', '1'],
    ['timeball_device_image_info{device="b",image="sha256:ff"}', '1'],
  ])
})

const held: Waiting = {
  kind: 'blocked',
  subject: 'release abc',
  why: 'falseticker',
  command: 'timeball rollout unblock abc',
  sinceUnixMs: 0,
}

test('the newest rollout is in exactly one state, and every device of it in one', () => {
  const status = { kind: 'rolling-back', why: 'offset', scope: 'wave' } as const
  const newest = aRollout(status, { a: 'healthy', b: 'returning', c: 'waiting', d: 'waiting' })
  const samples = samplesOf(
    aView({ rollouts: { newest, blocked: 1, waiting: [held], still: null } }),
  )
  const sum = (prefix: string): number =>
    [...samples]
      .filter(([name]) => name.startsWith(prefix))
      .reduce((total, [, value]) => total + Number(value), 0)
  assert.equal(samples.get('timeball_rollout_state{state="rolling_back"}'), '1')
  assert.equal(sum('timeball_rollout_state'), 1)
  assert.equal(samples.get('timeball_rollout_devices{state="waiting"}'), '2')
  assert.equal(sum('timeball_rollout_devices'), 4)
  assert.equal(samples.get('timeball_downtime_seconds{device="a"}'), '3.5')
  assert.equal(samples.get('timeball_rollout_last_progress_timestamp_seconds'), '1795000001')
  assert.equal(samples.get('timeball_release_blocked'), '1')
  assert.equal(samples.get('timeball_controller_waiting{kind="blocked"}'), '1')
  assert.equal(samples.get('timeball_controller_waiting{kind="paused"}'), '0')
})

const ended = ['done', 'rolled_back', 'aborted', 'needs_attention'] as const
for (const result of ended) {
  test(`a rollout that ended as ${result} says so`, () => {
    const newest = aRollout({ kind: 'ended', result, why: '' }, {})
    const samples = samplesOf(
      aView({ rollouts: { newest, blocked: null, waiting: null, still: null } }),
    )
    assert.equal(samples.get(`timeball_rollout_state{state="${result}"}`), '1')
    assert.equal(samples.get('timeball_rollout_state{state="running"}'), '0')
    assert.equal(samples.get('timeball_release_blocked'), undefined)
  })
}
