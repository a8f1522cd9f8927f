import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { fail, ok } from '@timeball/lib/result.ts'
import { formatHealthTable, summarizeHealth } from './format.ts'
import { healthRecord } from './json.ts'
import { judgeHealth } from './judge.ts'
import { formatNagios } from './nagios.ts'
import { noAnswer, noHttp, noSsh, ntpSaying } from './test/cases.ts'
import { goodMeasurement, healthy, healthyHttp } from './test/healthy.ts'

const good = judgeHealth(healthy())
const silent = judgeHealth(healthy({ device: 'pi-ntp-02', ntp: noAnswer, http: noHttp }))
const drifted = judgeHealth(
  healthy({
    device: 'pi-gps-02',
    drift: ['file:/etc/default/gpsd'],
    ntp: ok(goodMeasurement({ offsetSeconds: -0.0021 })),
    http: ok(healthyHttp({ diskUsedPercent: 91 })),
  }),
)
const unseen = judgeHealth(healthy({ device: 'pi-ntp-01', observed: noSsh, drift: null }))
const fleet = [good, unseen, drifted, silent]

test('the table shows the worst first, and one sentence below it', () => {
  assert.deepEqual(formatHealthTable(fleet, { color: false, width: null }), [
    'DEVICE     HEALTH      HTTP  NTP    OFFSET             DISK  CONTAINER  GEN  WHY',
    'pi-ntp-02  ✗ down      ?     ?      ?                  40 %  running      3  no answer on UDP 123 within 1000 ms; health: nothing listens on TCP 3000',
    'pi-gps-02  ! degraded  200   1 PPS  -2.10 ms ± 400 µs  91 %  running      3  disk 91 % used (limit 80 %); drift: file:/etc/default/gpsd',
    'pi-ntp-01  ? unknown   200   1 PPS  +12.0 µs ± 400 µs  41 %  ?            ?  not reached: ssh: connection timed out',
    'pi-gps-01  ✓ ok        200   1 PPS  +12.0 µs ± 400 µs  41 %  running      3',
    '',
    '1 of 4 ok; pi-ntp-02 down: no answer on UDP 123 within 1000 ms; pi-gps-02 degraded: disk 91 % used (limit 80 %); pi-ntp-01 unknown: not reached: ssh: connection timed out',
  ])
})

test('devices that fail alike are one row, and those that are ok have one each', () => {
  const others = ['pi-ntp-03', 'pi-ntp-04'].map((device) => ({ ...silent, device }))
  const well = { ...good, device: 'pi-gps-03' }
  const lines = formatHealthTable([good, silent, well, ...others], { color: false, width: null })
  assert.deepEqual(
    lines.slice(1, -2).map((line) => line.split(' ')[0]),
    ['pi-ntp-[02-04]', 'pi-gps-01', 'pi-gps-03'],
  )
  assert.match(lines.at(-1) ?? '', /^2 of 5 ok; pi-ntp-\[02-04\] down: no answer on UDP 123[^;]*$/)
})

test('the table fits the terminal, in colour too', () => {
  const lines = formatHealthTable(fleet, { color: true, width: 110 }).map(stripVTControlCharacters)
  assert.ok(lines.slice(0, -2).every((line) => line.length <= 110))
})

test('at 80 columns a reason is a sentence below its row, not a column of words', () => {
  const lines = formatHealthTable([silent], { color: false, width: 80 })
  assert.ok(lines.slice(0, -2).every((line) => line.length <= 80))
  assert.equal(
    lines[2],
    '    WHY no answer on UDP 123 within 1000 ms; health: nothing listens on TCP 3000',
  )
})

test('a fleet that is well is said in one sentence', () => {
  assert.equal(summarizeHealth([good, good]), '2 of 2 ok')
  assert.deepEqual(formatHealthTable([], { color: false, width: 80 }), ['no devices'])
})

test('a long list of bad devices is cut and counted', () => {
  const nine = Array.from({ length: 9 }, (_, index) => ({
    ...silent,
    reasons: silent.reasons.map((reason) => ({ ...reason, text: `reason ${index}` })),
  }))
  assert.match(summarizeHealth(nine), /; 5 more not ok$/)
})

test('a verdict as JSON has null for what is not known', () => {
  assert.deepEqual(healthRecord(silent), {
    device: 'pi-ntp-02',
    role: 'stratum1',
    verdict: 'down',
    reasons: [
      { check: 'ntp-answer', level: 'down', text: 'no answer on UDP 123 within 1000 ms' },
      { check: 'http', level: 'degraded', text: 'health: nothing listens on TCP 3000' },
    ],
    http_status: null,
    ntp_synced: null,
    stratum: null,
    refid: null,
    leap: null,
    reach: null,
    offset_ms: null,
    measured_offset_seconds: null,
    measured_error_seconds: null,
    disk_used_percent: 40,
    container: 'running',
    generation: 3,
    drift: [],
  })
})

test('the check result has the worst state, its reason and performance data', () => {
  assert.deepEqual(formatNagios([good, silent]), {
    line: "TIMEBALL CRITICAL - 1 of 2 ok; pi-ntp-02 down: no answer on UDP 123 within 1000 ms | ok=1 unknown=0 degraded=0 down=1 total=2 'pi-gps-01_offset'=0.000012000s 'pi-gps-01_disk'=41% 'pi-ntp-02_disk'=40%",
    exitCode: 2,
  })
})

test('the exit code of the check follows the worst device', () => {
  assert.equal(formatNagios([good]).exitCode, 0)
  assert.equal(formatNagios([good, drifted, unseen]).exitCode, 1)
  assert.equal(formatNagios([good, unseen]).exitCode, 3)
})

test('a check of no devices is unknown, not ok', () => {
  assert.deepEqual(formatNagios([]), {
    line: 'TIMEBALL UNKNOWN - no devices | ok=0 unknown=0 degraded=0 down=0 total=0',
    exitCode: 3,
  })
})

test('the words of a device cannot pass for performance data', () => {
  const http = ok(healthyHttp({ status: 'unhealthy', reasons: ['bad | down=0'] }))
  const { line } = formatNagios([judgeHealth(healthy({ http }))])
  assert.equal(line.split('|').length, 2)
})

test('an unsynchronised server is never shown with a stratum', () => {
  const alarm = judgeHealth(healthy(ntpSaying({ leap: 3 })))
  const kiss = fail({ code: 'kiss', detail: 'the server refuses us (RATE)' } as const)
  const lines = formatHealthTable([alarm, judgeHealth(healthy({ ntp: kiss }))], {
    color: false,
    width: null,
  })
  assert.match(lines[1] ?? '', /200 {3}not synced/)
  assert.match(lines[2] ?? '', /200 {3}1 PPS \?/)
})
