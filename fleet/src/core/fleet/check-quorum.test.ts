import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textSource } from '@timeball/inventory/sources/source.ts'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import { guideInventory, settingsOf, shownProblems } from '../../../test/make-fleet.ts'
import { placeOf, readSettingsText } from '../settings/parse-settings.ts'
import { buildFleet } from './build-fleet.ts'

function read(settings: string) {
  const inventory = parseInventory(textSource('inventory.yml', guideInventory))
  const text = readSettingsText('fleet.yaml', settings)
  assert.ok(inventory.ok && text.ok)
  return buildFleet(settingsOf(settings), inventory.value, (path) => ({
    file: 'fleet.yaml',
    ...placeOf(text.value, path),
  }))
}

test('client sets are patterns, as everywhere else: groups, ranges, all but one', () => {
  const fleet = read(
    'rollout: { quorum: { min_good: 1, sets: { a: [stratum1], b: ["all:!pi-ntp-02"], c: ["pi-gps-[01:02]", "pi-ntp-*"] } } }\n',
  )
  assert.ok(fleet.ok, JSON.stringify(fleet))
  assert.deepEqual(fleet.value.settings.rollout.quorum.sets, {
    a: ['pi-gps-01', 'pi-gps-02'],
    b: ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01'],
    c: ['pi-gps-01', 'pi-gps-02', 'pi-ntp-01', 'pi-ntp-02'],
  })
})

test('a set that names nobody is shown where it is written, when the fleet is read', () => {
  const [problem = ''] = shownProblems(
    read('rollout:\n  quorum:\n    sets:\n      clients: [pi-gps-01, pi-gps-09]\n'),
  )
  assert.match(problem, /^fleet\.yaml:4:28: rollout\.quorum\.sets\.clients: .*pi-gps-09/)
})

test('more good servers than a set has are refused where they are wanted', () => {
  const shown = shownProblems(read('rollout:\n  quorum:\n    min_good: 3\n'))
  assert.deepEqual(shown, [
    'fleet.yaml:3:15: rollout.quorum.min_good: 3 are more than stratum1 has (2) | Lower it, or name the sets of servers that clients use in rollout.quorum.sets',
    'fleet.yaml:3:15: rollout.quorum.min_good: 3 are more than stratum2 has (2) | Lower it, or name the sets of servers that clients use in rollout.quorum.sets',
  ])
})
