import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildFrom, inventoryOf } from '../../../test/make-fleet.ts'
import { followersOf, leftDevices, newWays } from './left-devices.ts'

const fleet = buildFrom(
  inventoryOf({ 'pi-1': ['ansible_host: 10.0.0.1'], 'pi-2': ['ansible_host: 10.0.0.2'] }),
)
const [one, two] = fleet.ok ? fleet.value.devices : []

test('one that has another name at the same address did not leave', () => {
  assert.ok(one !== undefined && two !== undefined)
  assert.deepEqual(leftDevices([one, two], [{ ...two, name: 'pi-b' }]), [one])
  assert.deepEqual(leftDevices([one, two], [one, two]), [])
  assert.deepEqual(leftDevices([one], [{ ...two, address: one.address, sshPort: 2222 }]), [one])
})

test('who has it among its sources follows it, by address or by name', () => {
  assert.ok(one !== undefined && two !== undefined)
  const by = (server: string): number =>
    followersOf(one, [{ ...two, ntpServers: ['10.0.0.9', server] }]).length
  assert.deepEqual([by('10.0.0.1'), by('pi-1'), by('10.0.0.11')], [1, 1, 0])
})

test('a device that is reached in another way than before is news', () => {
  assert.ok(one !== undefined && two !== undefined)
  assert.deepEqual(newWays([one, two], [one, two]), [])
  const moved = { ...two, address: '10.0.0.7' }
  assert.deepEqual(newWays([one, two], [one, moved]), [moved])
})
