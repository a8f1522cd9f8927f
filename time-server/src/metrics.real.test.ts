// Debian package: prometheus.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { decideHealth } from './health.ts'
import { noGps } from './gps/gps-status.ts'
import type { GpsStatus } from './gps/gps-status.ts'
import { boardMetrics, gpsMetrics, leapMetrics, uncertaintyMetric } from './host-metrics.ts'
import { parseThrottled } from './host/board.ts'
import { formatMetrics } from './metrics.ts'
import { requestTimes } from './request-times.ts'
import { shortLeapList } from './test/leap-list-text.ts'
import { parseLeapList } from './time/leap-list.ts'
import { aContext, aLook, aPeer, threePeers } from './test/a-look.ts'

test("promtool accepts the metrics, with any peer's name", () => {
  const hostile = aPeer({ address: '192.0.2.77', refid: 'a"b\\c' }, 1)
  const look = aLook({}, [...threePeers(), hostile])
  const times = requestTimes()
  times.record('/health', 200, 0.002)
  times.record('/api/time/timezone/a"b', 404, 7)
  const flags = parseThrottled('50005')
  const board = { temperatureCelsius: 48, throttling: flags, hasPps: true, ppsAssertSeconds: 1 }
  const pulse = { offsetNs: 12, ageSeconds: 1 }
  const gps: GpsStatus = {
    ...noGps,
    state: 'fix',
    mode: 3,
    satellitesUsed: 7,
    satellitesSeen: 9,
    meanSignalDbHz: 40,
    fixAgeSeconds: 0.5,
    dop: { horizontal: 1, vertical: 1, position: 1, time: 1 },
    pulse,
    serial: pulse,
  }
  const list = parseLeapList(shortLeapList)
  const others = [
    uncertaintyMetric(1.5),
    ...gpsMetrics(gps),
    ...boardMetrics(board),
    ...leapMetrics(list.ok ? list.value : null, 0),
    times.metric(),
  ]
  const input = formatMetrics(look, decideHealth(look, aContext), others)
  assert.match(input, /^board_throttled\{kind="under_voltage",when="now"\} 1$/m)
  assert.match(
    input,
    /^http_request_duration_seconds_bucket\{route="\/health",status="2xx",le="0.0025"\} 1$/m,
  )
  const run = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  assert.equal(run.error, undefined, 'this test needs promtool (Debian: prometheus)')
  // The names in milliseconds are the device contract's; everything else has to be clean.
  const complaints = `${run.stdout}${run.stderr}`
    .split('\n')
    .filter((line) => !/^ntp_\w+_ms metric names should not contain abbreviated units$/.test(line))
  assert.deepEqual(complaints, [''])
})
