import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetTitle, ofFleet } from './fleet-title.ts'

test('a fleet that nobody named is not "Fleet fleet"', () => {
  assert.deepEqual([fleetTitle('fleet'), ofFleet('fleet')], ['Fleet', ''])
  assert.deepEqual([fleetTitle('prod'), ofFleet('prod')], ['Fleet prod', ' of fleet prod'])
})
