/** The shadow canary: a release that serves wrong time is seen before it replaces anything. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(
  embedded,
  `apply: { confirm_timeout: 60s, settle_timeout: 30s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 30s
  progress_deadline: 60s
  canary: { soak: 1s }
  waves: ["100%"]
  shadow: 8s
  gates: { min_reach: 1 }
`,
)

test('a shadow that is off is not let in: the canary itself is not touched', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const { exit, stdout, stderr } = await controller.run(
    `rollout start --yes --json --image ${embeddedImages.falseticker.ref}`,
  )
  assert.equal(exit, 5, stdout + stderr)
  assert.match(stdout, /as a shadow it is off by 4\d\.\d ms ± [\d.]+ (µs|ms) \(limit 10 ms\)/)
  assert.match(stdout, /"result":"aborted","rollout_status":"ended","touched":0/)
})

test('a good release passes as a shadow first, and then for good', async () => {
  const { exit, stdout } = await controller.run(
    `rollout start --yes --limit stratum2 --image ${embeddedImages.second.ref}`,
  )
  assert.equal(exit, 0, stdout)
  assert.match(stdout, /2 of 2 moved/)
})
