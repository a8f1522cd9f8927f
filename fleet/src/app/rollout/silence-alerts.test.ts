import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '@timeball/lib/result.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { AlertSilence } from '../../ports/world.ts'
import { silenceAlerts } from './silence-alerts.ts'
import { member, planOf, settingsFor, startOf, startSimulation } from './test/simulation.ts'

const settings = settingsFor({ alertmanager: 'http://127.0.0.1:9093', healthy_deadline: '10m' })
const plan = planOf([member('a')], [{ kind: 'wave', devices: ['a'] }], [])
const scenario = { plan, settings, ailments: {}, badBefore: new Set<string>() }
const { started } = startOf(startSimulation(scenario).events)

const at = { atUnixMs: 1_000, device: 'a' }
const move: RolloutEvent = { ...at, type: 'move-intended', step: 's' }

test('a silence lasts from the intent to the health of the device, and is for it alone', async () => {
  const begun: AlertSilence[] = []
  const ended: string[] = []
  const silence = {
    begin: (_url: string, wish: AlertSilence) => {
      begun.push(wish)
      return Promise.resolve(ok('s1'))
    },
    end: (_url: string, id: string) => {
      ended.push(id)
      return Promise.resolve(ok(null))
    },
  }
  const silences = silenceAlerts(started, { silence }, assert.fail)
  silences.onEvents([move])
  assert.deepEqual(begun, [
    {
      labels: { fleet: 'test', device: 'a' },
      startsUnixMs: 1_000,
      endsUnixMs: 601_000,
      createdBy: 'tester',
      comment: 'rollout r1',
    },
  ])
  silences.onEvents([{ ...at, type: 'climbed', gate: null, isSilent: false, detail: '' }])
  silences.onEvents([{ ...at, type: 'healthy', settledSeconds: 1 }])
  await silences.end()
  assert.deepEqual(ended, ['s1'])
})

test('what is still silenced when nobody watches any more is heard again', async () => {
  const ended: string[] = []
  const silence = {
    begin: () => Promise.resolve(ok('s2')),
    end: (_url: string, id: string) => {
      ended.push(id)
      return Promise.resolve(ok(null))
    },
  }
  const silences = silenceAlerts(started, { silence }, assert.fail)
  silences.onEvents([move])
  await silences.end()
  assert.deepEqual(ended, ['s2'])
})

test('an Alertmanager that is away is warned of, and nothing more', async () => {
  const warnings: string[] = []
  const away = {
    ok: false,
    failure: 'Alertmanager is not reached: the connection was refused',
  } as const
  const silence = { begin: () => Promise.resolve(away), end: () => Promise.resolve(away) }
  const silences = silenceAlerts(started, { silence }, (text) => warnings.push(text))
  silences.onEvents([move])
  await silences.end()
  assert.deepEqual(warnings, [
    'alerts of a are not silenced: Alertmanager is not reached: the connection was refused',
  ])
})
