// Debian package: prometheus.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { formatControllerMetrics } from './metrics.ts'
import { aRollout, aView, lookAt } from './test/a-view.ts'

test('promtool has nothing against the metrics, whatever a device calls its image', () => {
  const newest = aRollout({ kind: 'running' }, { 'pi-gps-01': 'healthy' })
  const hostile = lookAt('pi-gps-01', { image: 'a"b\\c\nd 1' })
  const input = formatControllerMetrics(
    aView({
      rollouts: { newest, blocked: 2, waiting: [], still: null },
      devices: new Map([['pi-gps-01', hostile]]),
    }),
  )
  const run = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  assert.equal(run.error, undefined, 'this test needs promtool (Debian: prometheus)')
  assert.equal(`${run.stdout}${run.stderr}`, '')
  assert.equal(run.status, 0)
})
