import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBlocked, type BlockedRelease } from './blocked-release.ts'
import { started } from './test/events.ts'

const { release } = started
const blocked: BlockedRelease = { ...release, rollout: 'r-1', why: '50 ms off', atUnixMs: 1 }

test('after a rollout of an image, that image is blocked whatever else was changed', () => {
  const states = new Map([['pi-1', 'another']])
  assert.equal(isBlocked(blocked, release, { image: release.image, states }), true)
  assert.equal(isBlocked(blocked, null, { image: release.image, states }), true)
  assert.equal(
    isBlocked(blocked, release, { image: 'time@sha256:11', states: new Map([['pi-1', 's1']]) }),
    false,
  )
})

test('after a rollout of a configuration the image is free, and only that configuration is blocked', () => {
  const moved = { ...release, kind: 'configuration' } as const
  const { image } = release
  assert.equal(isBlocked(blocked, moved, { image, states: new Map([['pi-1', 'repaired']]) }), false)
  assert.equal(isBlocked(blocked, moved, { image, states: new Map([['pi-2', 's1']]) }), false)
  assert.equal(isBlocked(blocked, moved, { image, states: new Map([['pi-2', 's2']]) }), true)
})
