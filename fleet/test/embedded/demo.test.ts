/** The devices of the demo are well: what asks them about their receivers finds no fault. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet({ receivers: 'simulated' })
const controller = await controllerOf(embedded)

test('doctor finds no fault with a receiver, nor with the names that a device looks up', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const { stdout } = await controller.run('doctor pi-gps-01')
  const [, well = ''] = /^ {2}✓ well +([^]*)/m.exec(stdout) ?? []
  const checks = new Set(well.trim().split(/,\s+/))
  // Card, disk and temperature are those of this machine.
  const own = ['serial line', 'boot configuration', 'receiver', 'shared memory', 'pulse', 'names']
  assert.deepEqual(
    own.filter((check) => !checks.has(check)),
    [],
    stdout,
  )
})

test('gps calibrate proposes what its sentences are late by', async () => {
  const { exit, stdout } = await controller.run('gps calibrate pi-gps-01 --for 30s')
  assert.match(stdout, /^ {4}gps_latency: 0\.13$/m)
  assert.equal(exit, 0)
})
