import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import { noOptions } from '@timeball/inventory/resolve-vars.ts'
import { textSource } from '@timeball/inventory/sources/source.ts'
import { fleetOf, guideInventory, settingsOf } from '../../../test/make-fleet.ts'
import { draftFleet } from './build-fleet.ts'

function draftWithout(...names: readonly string[]) {
  const inventory = parseInventory(textSource('inventory.yml', guideInventory))
  assert.ok(inventory.ok)
  const sets = 'rollout: { quorum: { min_good: 2, sets: { bank: [pi-gps-01, pi-gps-02] } } }\n'
  return draftFleet(settingsOf(sets), inventory.value, {
    options: noOptions,
    place: () => ({ file: 'fleet.yaml', line: null, column: null }),
    revoked: names.map((name) => ({ name, atUnixMs: 1_795_000_000_000 })),
  })
}

test('a revoked device is left out, and the others are to be as before', () => {
  const { fleet, problems } = draftWithout('pi-gps-01')
  assert.deepEqual(problems, [])
  assert.deepEqual(fleet.devices, fleetOf().devices.slice(1))
  assert.deepEqual(fleet.settings.rollout.quorum.sets, { bank: ['pi-gps-02'] })
})

test('who follows it is named, until the inventory says otherwise', () => {
  const { fleet } = draftWithout('pi-gps-01', 'pi-gps-02', 'gone')
  assert.match(
    fleet.warnings.map(({ text }) => text).join('\n'),
    /^pi-gps-01 was revoked on 2026-11-18T11:06:40Z and is left out: take it from the inventory, and from ntp_servers of pi-ntp-\[01-02\]$/m,
  )
  assert.deepEqual(fleet.settings.rollout.quorum.sets, {})
})
