/** A rollout of another image has moved the fleet, and `fleet.yaml` was left as it was. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf, hurriedRollouts } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded, hurriedRollouts())
const { first, second } = embeddedImages
const takesBack = /this takes back rollout r\d+-\d+ of \S+: fleet\.yaml still says \S+/

test('until fleet.yaml says the image of the rollout, nothing takes it back unasked', async () => {
  assert.equal((await controller.run('apply --yes')).exit, 0)
  const moved = await controller.run(`rollout start --yes --image ${second.ref}`)
  assert.equal(moved.exit, 0, moved.stdout + moved.stderr)

  const plan = await controller.run('plan')
  assert.equal(plan.exit, 0)
  assert.match(plan.stdout, takesBack)
  const check = await controller.run('apply --check')
  assert.equal(check.exit, 0)
  assert.match(check.stdout, takesBack)
  for (const words of ['apply --yes', 'rollout start --yes']) {
    const refused = await controller.run(words)
    assert.equal(refused.exit, 6, words)
    assert.match(refused.stderr, takesBack)
    assert.match(refused.stderr, /write \S+ into fleet\.yaml, or take it back: --allow-rollback/)
  }
  const dry = await controller.run('rollout start --dry-run')
  assert.equal(dry.exit, 0)
  assert.match(dry.stderr, takesBack)

  await controller.edit('settings', first.ref, second.ref)
  const same = await controller.run('plan --detailed-exitcode')
  assert.equal(same.exit, 0, same.stdout)
  await controller.edit('settings', second.ref, first.ref)
  const back = await controller.run('apply --yes --allow-rollback')
  assert.equal(back.exit, 0, back.stdout + back.stderr)
  assert.doesNotMatch((await controller.run('plan')).stdout, takesBack)
})
