import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldHeldImages, readHeldImages, type HeldImage } from './held-images.ts'

const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64))

function isOurs(image: string): boolean {
  return image.includes('/time')
}

function held(output: string): readonly string[] {
  return readHeldImages('pi-1', output, isOurs).map(
    ({ image, state, generation, sizeBytes }) =>
      `${image.replace(/(sha256:\d)\d+/, '$1')} ${state} ${generation} ${sizeBytes}`,
  )
}

test('what runs, what can be gone back to, what is gone, and what nobody names are told apart', () => {
  const output = [
    `runs|localhost/time:sha256-${two}`,
    `generation|4|registry.example/o/time@sha256:${three}|-`,
    `generation|5|localhost/time:sha256-${one}|300`,
    `generation|6|localhost/time:sha256-${two}|301`,
    `image|localhost/time:sha256-${two} ||301`,
    `image|localhost/time:sha256-${one} ||300`,
    'image|localhost/time:old |r.example/x@sha256:0 |299',
    'image|postgres:17 ||500',
    'a warning of somebody',
  ].join('\n')
  assert.deepEqual(held(output), [
    'localhost/time:old spare null 299',
    'localhost/time@sha256:2 runs 6 301',
    'localhost/time@sha256:1 ready 5 300',
    'registry.example/o/time@sha256:3 gone 4 null',
  ])
})

test('an image of several generations is that of the newest, and one of a registry is known by its digest', () => {
  const ref = `registry.example/o/time@sha256:${one}`
  const output = [
    `runs|${ref}`,
    `generation|1|${ref}|300`,
    `generation|2|${ref}|300`,
    `image|registry.example/o/time:1.0 |${ref} |300`,
  ].join('\n')
  assert.deepEqual(held(output), ['registry.example/o/time@sha256:1 runs 2 300'])
})

test('a device without any of it has none, and what it says is harmless', () => {
  assert.deepEqual(held('runs|\n'), [])
  assert.deepEqual(held('generation|x|localhost/time:1\u001B[2J|many\n'), [
    'localhost/time:1 gone null null',
  ])
})

function running(device: string, generation: number): HeldImage {
  return { device, image: 'localhost/time:1', state: 'runs', generation, sizeBytes: 1 }
}

test('devices that hold the same are one row', () => {
  const rows = foldHeldImages([running('pi-1', 3), running('pi-2', 3), running('pi-3', 4)])
  assert.deepEqual(
    rows.map(({ devices, generation }) => [devices, generation]),
    [
      [['pi-1', 'pi-2'], 3],
      [['pi-3'], 4],
    ],
  )
})
