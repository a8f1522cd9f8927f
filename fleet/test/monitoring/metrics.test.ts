/** Rules can only fire on metrics that somebody exports: every name in them is looked up there. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { alertNames } from '../../src/core/monitoring/alert-names.ts'
import { alerts } from '../../src/core/monitoring/alerts/alerts.ts'
import { recordingRules } from '../../src/core/monitoring/recording-rules.ts'
import { ruleContextOf } from '../../src/core/monitoring/rules.ts'
import { ownMetrics } from './own-metrics.ts'
import { fleetOf } from '../make-fleet.ts'

const root = join(import.meta.dirname, '../../..')

/** Names that stand as text in the code of an exporter. */
function exportedBy(pattern: string): Set<string> {
  const texts = globSync(pattern, { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/'([a-z][a-z0-9_]+)'/g)].map(([, name = '']) => name),
    ),
  )
}

/** Names of metrics in PromQL: words that are no function, no keyword and no label. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(?:on|by|unless on|group_left|group_right)\s*\([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
  return [...bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\()(?![a-zA-Z0-9_:])/g)]
    .map(([word]) => word)
    .filter((word) => !['and', 'or', 'unless', 'bool', 'by', 'on', 'inf'].includes(word))
}

const context = ruleContextOf(fleetOf())
const records = recordingRules(context)
const known = new Set([
  'up',
  ...records.map(({ record }) => record),
  ...exportedBy('time-server/src/{metrics,host-metrics}.ts'),
  ...exportedBy('fleet/src/core/{clock,controller}/*.ts'),
  ...Object.values(ownMetrics).flat(),
])

test('every metric of every rule is exported by somebody', () => {
  const exprs = [
    ...records.map(({ expr }) => expr),
    ...alertNames.map((name) => alerts[name].expr(context) ?? ''),
  ]
  const named = exprs.flatMap(metricsIn)
  assert.ok(named.length > 60, `${named.length}`)
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  )
})

test('a name that nobody exports is found', () => {
  const [name = ''] = metricsIn(
    'abs(ntp_offset_msec{device="x"}) > 3 unless on (device) ntp_synced',
  )
  assert.equal(name, 'ntp_offset_msec')
  assert.ok(!known.has(name))
})

test('every alert has a summary and a description of one sentence or more', () => {
  for (const name of alertNames) {
    const { summary, description } = alerts[name]
    assert.ok(summary.length > 10 && !summary.endsWith('.'), name)
    assert.match(description, /\.$/, name)
  }
})
