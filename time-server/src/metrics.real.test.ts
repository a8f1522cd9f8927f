// Debian package: prometheus.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { decideHealth } from './health.ts'
import { formatMetrics } from './metrics.ts'
import { aContext, aLook, aPeer, threePeers } from './test/a-look.ts'

test("promtool accepts the metrics, with any peer's name", () => {
  const hostile = aPeer({ address: '192.0.2.77', refid: 'a"b\\c' }, 1)
  const look = aLook({}, [...threePeers(), hostile])
  const input = formatMetrics(look, decideHealth(look, aContext))
  const run = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  assert.equal(run.error, undefined, 'this test needs promtool (Debian: prometheus)')
  // The names in milliseconds are the device contract's; everything else has to be clean.
  const complaints = `${run.stdout}${run.stderr}`
    .split('\n')
    .filter((line) => !/^ntp_\w+_ms metric names should not contain abbreviated units$/.test(line))
  assert.deepEqual(complaints, [''])
})
