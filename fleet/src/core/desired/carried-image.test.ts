import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageOfName, isCarried, nameOnDevice } from './carried-image.ts'

const hex = 'a'.repeat(64)

test('a carried image has its digest as its tag on a device, and is known by it', () => {
  const name = nameOnDevice(`localhost/time@sha256:${hex}`)
  assert.equal(name, `localhost/time:sha256-${hex}`)
  assert.equal(imageOfName(name), `localhost/time@sha256:${hex}`)
})

test('an image of a registry has one name everywhere', () => {
  const image = `localhost:5000/time@sha256:${hex}`
  assert.equal(isCarried(image), false)
  assert.equal(nameOnDevice(image), image)
  assert.equal(imageOfName(image), image)
})

test('what has no digest yet keeps its tag', () => {
  assert.equal(nameOnDevice('localhost/time:0.1.0'), 'localhost/time:0.1.0')
  assert.equal(imageOfName('localhost/time:0.1.0'), 'localhost/time:0.1.0')
})
