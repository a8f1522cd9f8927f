import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isHeld, type HeldRelease } from './held-release.ts'
import { started } from './test/events.ts'

const { release } = started
const held: HeldRelease = { ...release, rollout: 'r-1', why: '50 ms off', atUnixMs: 1 }

test('after a rollout of an image, that image is held whatever else was changed', () => {
  const states = new Map([['pi-1', 'another']])
  assert.equal(isHeld(held, release, { image: release.image, states }), true)
  assert.equal(isHeld(held, null, { image: release.image, states }), true)
  assert.equal(
    isHeld(held, release, { image: 'time@sha256:11', states: new Map([['pi-1', 's1']]) }),
    false,
  )
})

test('after a rollout of a configuration the image is free, and only that configuration is held', () => {
  const moved = { ...release, kind: 'configuration' } as const
  const { image } = release
  assert.equal(isHeld(held, moved, { image, states: new Map([['pi-1', 'repaired']]) }), false)
  assert.equal(isHeld(held, moved, { image, states: new Map([['pi-2', 's1']]) }), false)
  assert.equal(isHeld(held, moved, { image, states: new Map([['pi-2', 's2']]) }), true)
})
