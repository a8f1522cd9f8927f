/** What people and programs see of a sweep. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatClockTable } from './format.ts'
import { clockRecord, timeRecord } from './json.ts'
import { formatClockMetrics } from './metrics.ts'
import { formatClockPlot } from './plot.ts'
import { formatClockTree } from './tree.ts'
import { displayWidth } from '../table.ts'
import { clockServer, judged, measured, rowsOf, silent, upstreams } from './test/servers.ts'

const plain = { color: false, width: null }

const servers = [
  clockServer('pi-gps-01', { address: '10.0.0.1', ownRefids: ['10.0.0.1'] }),
  clockServer('pi-gps-02', { address: '10.0.0.2', ownRefids: ['10.0.0.2'] }),
  clockServer('pi-gps-03', { address: '10.0.0.3', swept: silent() }),
  clockServer('pi-ntp-01', {
    role: 'stratum2',
    address: '10.0.0.4',
    upstreams: upstreams('10.0.0.1', '10.0.0.3'),
    swept: measured({ stratum: 2, refid: '10.0.0.1', offsetSeconds: 0.05 }),
  }),
]
const report = judged(servers)
const rows = rowsOf(report)

test('the table has a line for each server, and says what is known of the time', () => {
  const text = formatClockTable(rows, report.time, plain).join('\n')
  assert.match(text, /^pi-gps-01 +✓ truechimer +0 ns ± 1\.80 ms +400 µs +1 +GPS +none +\? +\?$/m)
  assert.match(text, /^pi-gps-03 +✗ unreachable +\? +\? +\? +\? +\? .* no answer on UDP 123/m)
  assert.match(
    text,
    /^pi-ntp-01 +✗ falseticker +\+50\.0 ms ± 1\.80 ms .* more than its error bound$/m,
  )
  assert.match(text, /^the time is known within ± 1\.40 ms: 2 of 2 independent votes agree$/m)
  assert.match(text, /^2 of 4 truechimers; pi-gps-03 unreachable: .*; pi-ntp-01 falseticker: /m)
})

test('without a majority the table says why, and against what the offsets are', () => {
  const alone = judged([clockServer('a')])
  const text = formatClockTable(rowsOf(alone), alone.time, plain).join('\n')
  assert.match(text, /^undecidable: only one independent vote \(one server\): nothing to compare/m)
  assert.match(text, /^offsets are against the clock of this machine$/m)
})

test('servers that fail alike are one row, and share one reason below the table', () => {
  const swept = silent()
  const dead = ['pi-ntp-01', 'pi-ntp-02', 'pi-ntp-03'].map((name) => clockServer(name, { swept }))
  const { time, judgements } = judged([
    ...dead,
    ...['a', 'b', 'c'].map((name) => clockServer(name)),
  ])
  const lines = formatClockTable(rowsOf({ time, judgements }), time, plain)
  assert.match(lines[1] ?? '', /^pi-ntp-\[01-03\] \(3\) +✗ unreachable .*no answer on UDP 123/)
  assert.equal(
    lines.findIndex((line) => line === ''),
    5,
  )
  const last = lines.at(-1) ?? ''
  assert.match(
    last,
    /^3 of 6 truechimers; pi-ntp-\[01-03\] unreachable: no answer on UDP 123[^;]*$/,
  )
})

test('a fleet that is a whole epoch away may all have rolled over: that is said', () => {
  const offsetSeconds = -1_024 * 604_800
  const rolled = ['a', 'b', 'c'].map((name) =>
    clockServer(name, { swept: measured({ offsetSeconds }) }),
  )
  const { time, judgements } = judged(rolled)
  const text = formatClockTable(rowsOf({ time, judgements }), time, plain).join('\n')
  assert.match(text, /this machine's clock is off by \+7168 d .*week rollover \(-1024 weeks\)/)
})

test('the tree shows who follows whom, and who is missing', () => {
  assert.deepEqual(formatClockTree(rows, plain), [
    'GPS (reference clock)',
    '├─ pi-gps-01 stratum 1 truechimer',
    '│  └─ pi-ntp-01 stratum 2 falseticker',
    '└─ pi-gps-02 stratum 1 truechimer',
    'source not known',
    '└─ pi-gps-03 unreachable',
    'missing upstream: pi-ntp-01 should follow pi-gps-03',
  ])
})

test('a loop has a place in the tree, once', () => {
  const loop = judged([
    clockServer('x', {
      ownRefids: ['10.0.0.1'],
      swept: measured({ stratum: 3, refid: '10.0.0.2' }),
    }),
    clockServer('y', {
      ownRefids: ['10.0.0.2'],
      swept: measured({ stratum: 3, refid: '10.0.0.1' }),
    }),
  ])
  const lines = formatClockTree(rowsOf(loop), plain)
  assert.deepEqual(lines, ['loop: x → y → x'])
})

test('the plot shows the truechimers to scale, and the others by their size', () => {
  const lines = formatClockPlot(rows, { color: false, width: 60 })
  assert.match(lines[0] ?? '', /^ +-1\.98 ms +\+1\.98 ms$/)
  assert.match(lines[1] ?? '', /^pi-gps-01 +├─+●─+┤$/)
  assert.match(lines[3] ?? '', /^pi-gps-03 +unreachable$/)
  assert.match(lines[4] ?? '', /^pi-ntp-01 +\+50\.0 ms ▶$/)
  for (const line of lines) assert.ok(displayWidth(line) <= 60, line)
})

test('the record of a server has the names that scripts rely on', () => {
  const record = clockRecord(rows[3] ?? assert.fail())
  const { device, offset_seconds, error_seconds, delay_seconds, stratum, verdict } = record
  assert.deepEqual(
    { device, offset_seconds, error_seconds, delay_seconds, stratum, verdict },
    {
      device: 'pi-ntp-01',
      offset_seconds: 0.05,
      error_seconds: 0.0018,
      delay_seconds: 0.0004,
      stratum: 2,
      verdict: 'falseticker',
    },
  )
  assert.equal(clockRecord(rows[2] ?? assert.fail())['offset_seconds'], null)
  assert.equal(timeRecord(report.time)['decided'], true)
})

test('metrics leave out what is not known, and escape names', () => {
  const odd = judged([clockServer('a"\\\n'), clockServer('b', { swept: silent() })])
  const text = formatClockMetrics(rowsOf(odd), odd.time)
  assert.match(text, /^timeball_clock_offset_seconds\{server="a\\"\\\\\\n"\} 0$/m)
  assert.doesNotMatch(text, /^timeball_clock_offset_seconds\{server="b"\}/m)
  assert.doesNotMatch(text, /^timeball_clock_score/m)
  assert.match(text, /^timeball_clock_verdict\{server="b",verdict="unreachable"\} 1$/m)
  assert.match(text, /^timeball_clock_falseticker\{server="b"\} 0$/m)
  assert.match(text, /^timeball_clock_decided 0$/m)
  assert.ok(text.endsWith('\n'))
})
