import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSide, uploadScript } from './copy.ts'
import { driftLines } from './drift-view.ts'
import type { Drift } from './drift.ts'
import { readSince, sinceScript } from './since.ts'

const drift: Drift = {
  ...{ device: 'pi-1', resource: 'service:gpsd', what: 'it is inactive', cause: 'device' },
  sinceUnixMs: 3_600_000,
}
const layout = { color: false, width: null, nowUnixMs: 7_200_000 }

test('devices of which the same is to be said are one paragraph', () => {
  const drifts = [
    drift,
    { ...drift, device: 'pi-2' },
    { ...drift, device: 'pi-3', sinceUnixMs: null },
  ]
  assert.deepEqual(driftLines(drifts, layout), [
    'pi-[1-2] (2): changed on the device after the last apply',
    '  service:gpsd  it is inactive, since 1970-01-01 01:00:00Z (1 h ago)',
    'pi-3: changed on the device after the last apply',
    '  service:gpsd  it is inactive',
  ])
})

test('since when is read line by line; what is no time, or of year 1, is not known', () => {
  const output = '0 1764381600\n1 -62135596800\nnonsense\n9 5\n'
  assert.deepEqual(readSince(output, 3), [1_764_381_600_000, null, null])
})

test('names of resources reach the device as one word, whatever is in them', () => {
  const script = sinceScript(["file:/a'; reboot", 'image:x', 'other'])
  assert.match(script, /^say 0 "\$\(since_file '\/a'\\''; reboot'\)"$/m)
  assert.match(script, /^say 1 "\$\(since_other x\)"$/m)
})

test('of a copy the side with a pattern and a whole path is on devices', () => {
  assert.deepEqual(readSide('all:!pi-1:/etc/motd'), { pattern: 'all:!pi-1', path: '/etc/motd' })
  for (const here of ['motd', './a:b', '/a:/b', 'C:motd', '../x:/y']) {
    assert.deepEqual(readSide(here), { pattern: null, path: here })
  }
})

test('a path with quotes is one word for the device', () => {
  assert.match(
    uploadScript(new Uint8Array(), "/tmp/it's", { mode: 0o644 }),
    /^set -- '\/tmp\/it'\\''s'$/m,
  )
})
