import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { parseChronyc, parseNtpq } from './billboard.ts'
import type { ChronycOutput } from './billboard.ts'

// ntpsec 1.2.2 following its own local clock, beside a server that does not answer.
const ntpq = `Output set to raw
leap=0, stratum=6, rootdelay=0.000, rootdisp=72.543, refid=127.127.1.0,
reftime=0xeeaf1d42.b0fa6a05, tc=0, peer=17767, offset=0.000000,
frequency=-1.250000, sys_jitter=0.000000, clock=0xeeaf1d43.b0fa6a05,
version="ntpd ntpsec-1.2.2"
rootdist=80.000
ss_uptime=14
Output set to cooked
     remote           refid      st t when poll reach   delay   offset   jitter
===============================================================================
*LOCAL(0)        .LOCL.           5 l    1    1  177   0.0000   0.0000   0.0000
 2001:db8:0:1:2:3:4:5
                 .INIT.          16 u    -   64    0   0.0000   0.0000   0.0010
x192.0.2.7       .GPS.            1 u   12   64  377   0.4100 -12.5000   0.0210
`

test('ntpq tells system and peers, with addresses for its drivers', () => {
  const state = parseNtpq(ntpq)
  assert.ok(state.ok)
  const { system, peers } = state.value
  assert.deepEqual(
    [system.leap, system.stratum, system.frequencyPpm, system.referenceAgeSeconds, system.version],
    [0, 6, -1.25, 1, 'ntpd ntpsec-1.2.2'],
  )
  assert.deepEqual([system.rootDistanceMs, system.uptimeSeconds], [80, 14])
  assert.deepEqual(
    peers.map(({ address, refid, reach, offsetMs, status }) => [
      status.selection,
      address,
      refid,
      reach,
      offsetMs,
    ]),
    [
      ['sys.peer', '127.127.1.0', 'LOCL', 0o177, 0],
      ['reject', '2001:db8:0:1:2:3:4:5', 'INIT', 0, 0],
      ['falsetick', '192.0.2.7', 'GPS', 255, -12.5],
    ],
  )
})

test('ntpq without an answer is a failure', () => {
  for (const text of ['', 'ntpq: read: Connection refused\n', '***Request timed out\n']) {
    assert.ok(!parseNtpq(text).ok)
  }
})

// chrony 4.3.
const tracking =
  'C0000201,192.0.2.1,4,1795464850.340082945,-0.000001422,-0.000000212,0.000000700,-0.028,-0.003,0.331,0.000006000,0.000003000,1.0,Normal\n'
const sources = `^,*,192.0.2.1,3,0,377,1,-0.000000133,-0.000000345,0.000003055
^,x,192.0.2.7,1,6,377,12,2.500000000,2.500000000,0.000003055
^,?,192.0.2.9,0,1,0,4294967295,0.000000000,0.000000000,0.000000000
^,?,ID#0000000001,0,6,0,4294967295,0.000000000,0.000000000,0.000000000
#,+,GPS,0,4,377,14,0.000020000,0.000020000,0.100000000
`

test('chronyc tells system and sources in the signs and units of ntpd', () => {
  const state = parseChronyc({ tracking, sources, ntpdata: '' }, 1_795_464_852.34)
  assert.ok(state.ok)
  const { system, peers } = state.value
  assert.equal(system.refid, '192.0.2.1')
  assert.equal(system.frequencyPpm, 0.028)
  assert.ok(Math.abs((system.referenceAgeSeconds ?? 0) - 2) < 1e-3)
  assert.ok(Math.abs((system.rootDistanceMs ?? 0) - (0.003 + 0.003 + 0.001422)) < 1e-9)
  assert.deepEqual(
    peers.map(({ address, reach, offsetMs, status }) => [status.tally, address, reach, offsetMs]),
    [
      ['*', '192.0.2.1', 255, 0.000133],
      ['x', '192.0.2.7', 255, -2500],
      [' ', '192.0.2.9', 0, null],
      ['+', 'GPS', 255, -0.02],
    ],
  )
})

const aTracking = (text: string): ChronycOutput => ({ tracking: text, sources: '', ntpdata: '' })

test('whom a source of chronyd follows is told where chronyc may ask for it', () => {
  // chrony 4.3; the first follows its own clock at stratum 5, the second GPS.
  const ntpdata = `192.0.2.1,C0000201,123,192.0.2.2,C0000202,Normal,4,Server,5,3,8,-22,0.000000238,0.000000,0.001007,7F7F0101,,1795869315.897381104,0.000062102
192.0.2.7,C0000207,123,192.0.2.2,C0000202,Normal,4,Server,1,3,8,-22,0.000000238,0.000000,0.001007,47505300,GPS,1795869295.551366942,0.000123699
[UNSPEC],00000000,0,,,Invalid,0,Invalid,0,0,1,0,1.0,0.0,0.0,00000000,,0.0,0.0
`
  const said = '^,*,192.0.2.1,5,0,377,0,0.0,0.0,0.001\n^,+,192.0.2.7,1,0,377,0,0.0,0.0,0.001\n'
  const state = parseChronyc({ tracking, sources: said, ntpdata }, 0)
  assert.ok(state.ok)
  assert.deepEqual(
    state.value.peers.map(({ refid }) => refid),
    ['127.127.1.1', 'GPS'],
  )
})

test("a chronyd on its own local clock, and one that never was in step, are told as ntpd's are", () => {
  const local = parseChronyc(
    aTracking('7F7F0101,,3,1795464841.4,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal'),
    0,
  )
  assert.ok(local.ok && local.value.system.refid === 'LOCL')
  const never = parseChronyc(
    aTracking('00000000,,0,0.000000000,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised'),
    0,
  )
  assert.ok(never.ok)
  const { leap, refid, referenceAgeSeconds } = never.value.system
  assert.deepEqual([leap, refid, referenceAgeSeconds], [3, null, null])
})

test('chronyc without a daemon is a failure', () => {
  assert.ok(!parseChronyc(aTracking('506 Cannot talk to daemon\n'), 0).ok)
})

test('no output makes the readers throw', () => {
  const line = fc.oneof(
    anyText(),
    fc.constantFrom(...ntpq.split('\n'), ...sources.split('\n'), tracking),
    fc.array(fc.string(), { maxLength: 16 }).map((fields) => fields.join(',')),
  )
  fc.assert(
    fc.property(fc.array(line), line, (lines, first) => {
      const text = lines.join('\n')
      assert.equal(typeof parseNtpq(text).ok, 'boolean')
      assert.equal(
        typeof parseChronyc({ tracking: first, sources: text, ntpdata: text }, 0).ok,
        'boolean',
      )
    }),
  )
})

const manyLines = (line: (last: number, tally: string) => string): string =>
  Array.from({ length: 71 }, (_, at) => line(at, at === 70 ? '*' : '+')).join('\n')

const row = (last: number, tally: string): string =>
  `${tally}192.0.2.${last}       .GPS.            1 u   12   64  377   0.4100   0.5000   0.0210`
const source = (last: number, tally: string): string =>
  `^,${tally},192.0.2.${last},1,0,377,0,0.0,0.0,0.001`

test('of too many lines the selected one is read, too, and the rest is counted', () => {
  const head = ntpq.split('\n').slice(0, 10).join('\n')
  for (const state of [
    parseNtpq(`${head}\n${manyLines(row)}\n`),
    parseChronyc({ tracking, sources: manyLines(source), ntpdata: '' }, 0),
  ]) {
    assert.ok(state.ok)
    const { peers, unreadPeers } = state.value
    assert.deepEqual([peers.length, unreadPeers], [64, 7])
    assert.deepEqual([peers.at(-1)?.address, peers.at(-1)?.status.tally], ['192.0.2.70', '*'])
  }
})
