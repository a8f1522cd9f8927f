/** Images that give good time and break the rest of their contract end at the canary. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, hurriedRollouts } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded, hurriedRollouts(', deadlines: { contract: 2s }'))

for (const { name, image, why } of [
  {
    name: 'whose API answers without a key',
    image: embeddedImages.open,
    why: 'its API answers without a key (HTTP 200)',
  },
  {
    name: 'of another version than its label says',
    image: embeddedImages.mislabelled,
    why: 'says version 1.8.0, and its image is labelled 1.8.1',
  },
  {
    name: 'without the metrics port',
    image: embeddedImages.withoutMetrics,
    why: 'metrics: nothing listens on TCP',
  },
]) {
  test(`an image ${name} is rolled back, with that reason`, async () => {
    assert.equal((await controller.run('apply --yes')).exit, 0)
    const bad = await controller.run(`rollout start --yes --image ${image.ref}`)
    assert.equal(bad.exit, 5, bad.stdout + bad.stderr)
    const shown = await controller.run('rollout show')
    assert.ok(shown.stdout.includes(why), shown.stdout)
    assert.match(shown.stdout, /^pi-ntp-01 +canary +returned /m)
  })
}
