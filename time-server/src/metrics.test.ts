import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { formatExposition } from '@timeball/lib/exposition.ts'
import { decideHealth } from './health.ts'
import { formatMetrics } from './metrics.ts'
import type { Observation } from './observe.ts'
import { aContext, aLook, aPeer, threePeers } from './test/a-look.ts'

const samplesOf = (look: Observation) =>
  formatMetrics(look, decideHealth(look, aContext))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

test('a server in step tells everything', () => {
  assert.deepEqual(samplesOf(aLook()), [
    'ntp_synced 1',
    'ntp_offset_ms 0.05',
    'ntp_stratum 2',
    'ntp_leap 0',
    'ntp_root_delay_ms 0.5',
    'ntp_root_dispersion_ms 11',
    'ntp_jitter_ms 0.04',
    'ntp_frequency_ppm -3.2',
    'ntp_reference_age_seconds 12',
    'ntp_reach 255',
    'ntp_peers 3',
    'ntp_contradiction{kind="offset"} 0',
    'ntp_contradiction{kind="error"} 0',
    'ntp_contradiction{kind="stratum"} 0',
    'ntp_contradiction{kind="refid"} 0',
    'ntp_contradiction{kind="reach"} 0',
    'ntp_contradiction{kind="selection"} 0',
    'ntp_contradiction{kind="leap"} 0',
    'ntp_contradiction{kind="frequency"} 0',
    'ntp_peer_offset_ms{peer="192.0.2.1"} 0.1',
    'ntp_peer_offset_ms{peer="192.0.2.2"} 0.1',
    'ntp_peer_offset_ms{peer="192.0.2.3"} 0.1',
    'ntp_peer_reach{peer="192.0.2.1"} 255',
    'ntp_peer_reach{peer="192.0.2.2"} 255',
    'ntp_peer_reach{peer="192.0.2.3"} 255',
    'ntp_peer_info{peer="192.0.2.1",refid="GPS",tally="*"} 1',
    'ntp_peer_info{peer="192.0.2.2",refid="GPS",tally="+"} 1',
    'ntp_peer_info{peer="192.0.2.3",refid="192.0.2.9",tally="+"} 1',
    'disk_usage_percent 41',
    'time_server_clock_disciplined 1',
    'time_server_uptime_seconds 81.5',
    'timeball_time_server_build_info{version="1.2.3"} 1',
  ])
})

test('without a daemon only ntp_synced is there, as 0, and no false zero beside it', () => {
  const failure = { code: 'timeout', detail: '', errorCode: null } as const
  const look = aLook({}, [], {
    daemon: { ok: false, failure },
    discipline: { disciplined: null, reason: '' },
    diskUsedPercent: null,
  })
  assert.deepEqual(samplesOf(look), [
    'ntp_synced 0',
    'time_server_uptime_seconds 81.5',
    'timeball_time_server_build_info{version="1.2.3"} 1',
  ])
})

test('one value that is not told is absent', () => {
  const lines = samplesOf(aLook({ offsetMs: null }))
  assert.ok(!lines.some((line) => line.startsWith('ntp_offset_ms')))
})

test('a peer that is marked anew keeps its series', () => {
  const [before, after] = [aPeer({ refid: 'GPS' }, 6), aPeer({ refid: '192.0.2.9' }, 1)].map(
    (peer) => samplesOf(aLook({}, [peer])).filter((line) => /^ntp_peer_(offset|reach)/.test(line)),
  )
  assert.deepEqual(before, after)
})

test('what the daemon tells twice and differently is a metric', () => {
  const jumped = threePeers().map((peer) => ({ ...peer, offsetMs: 400 }))
  const lines = samplesOf(aLook({}, jumped))
  assert.ok(lines.includes('ntp_contradiction{kind="offset"} 1'))
  assert.ok(lines.includes('ntp_offset_ms 400'))
  assert.ok(lines.includes('ntp_synced 0'))
})

test('two associations with one address are one series', () => {
  const lines = samplesOf(aLook({}, [...threePeers(), aPeer()]))
  const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')))
  assert.equal(new Set(series).size, series.length)
})

test('any label can be read back from its escaped form', () => {
  fc.assert(
    fc.property(anyText(), (value) => {
      const text = formatExposition([
        { name: 'a', help: 'b', samples: [{ labels: { l: value }, value: 1 }] },
      ])
      const label = /^a\{l="((?:[^"\\\n]|\\["\\n])*)"\} 1$/m.exec(text)?.[1]
      assert.ok(label !== undefined)
      assert.equal(
        label.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
        value,
      )
    }),
  )
})
