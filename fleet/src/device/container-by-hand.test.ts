/** A first apply beside a container that was made by hand, with the power cut at each third point. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apply, checkpoint, contentsOf, newDevice } from './test/site.ts'

const byHand = 'running none id-by-hand sha256:by-hand 0\n'
const container = '/world/containers/time'
const aside = '/world/containers/time-aside-0'

test('a container made by hand is back after a power cut at any point', (t) => {
  const device = newDevice('sh')
  device.write(container, byHand)
  device.write('/world/by-hand/time', 'always\n')
  const afresh = checkpoint(device)
  t.after(() => {
    device.dispose()
    afresh.dispose()
  })
  let cutWhileAside = 0
  let kill = 1
  while (apply(device, contentsOf('a'), { env: { TIMEBALL_FAULT: `${kill}` } }).exitCode !== 0) {
    if (device.read(aside) !== null) cutWhileAside += 1
    device.boot()
    // Until the applier is kept on the device nothing was touched, and nothing runs at boot.
    if (device.read('/var/lib/timeball/applier') !== null) device.runStayed(['recover'])
    assert.equal(device.read(aside), null, `point ${kill}`)
    assert.equal(device.read(container), byHand, `point ${kill}`)
    assert.equal(device.read('/world/by-hand/time'), 'always\n', `point ${kill}`)
    afresh.restore()
    kill += 3
    assert.ok(kill < 300, 'the kills end')
  }
  assert.ok(cutWhileAside > 0)
})
