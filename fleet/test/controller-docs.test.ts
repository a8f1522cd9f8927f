/** docs/controller.md lists every series of the controller, and no other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { attainmentOf } from '../src/core/clock/slo.ts'
import { formatControllerMetrics } from '../src/core/controller/metrics.ts'
import { aRollout, aView, clocksSeen } from '../src/core/controller/test/a-view.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/controller.md'), 'utf8')

const objective = { withinSeconds: 0.001, share: 0.999, days: 30 }

test('the table of series is complete', () => {
  const newest = aRollout({ kind: 'running' }, { 'pi-gps-01': 'healthy' })
  const seen = clocksSeen()
  const attainment = { ...attainmentOf([], objective), budgetLeft: 1 }
  const clocks = { ...seen, rows: seen.rows.map((row) => ({ ...row, score: 20, attainment })) }
  const times = new Map([['pi-gps-01', 1_795_000_000_000]])
  const metrics = formatControllerMetrics(
    aView({
      clocks,
      keys: times,
      backups: { good: times, drilled: times },
      rollouts: { newest, blocked: 0, waiting: [], still: null },
    }),
  )
  const emitted = [...metrics.matchAll(/^# TYPE (\w+) gauge$/gm)].map(([, name = '']) => name)
  const rows = text.split('\n').filter((line) => line.startsWith('| `timeball_'))
  const listed = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) =>
      name.startsWith('_') ? `timeball_clock${name}` : name,
    ),
  )
  assert.deepEqual(listed.toSorted(), emitted.toSorted())
})
