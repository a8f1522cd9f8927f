import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPing, type Pinged } from './ping.ts'

function failing(device: string, why: string, mend: string): Pinged {
  return { device, isWell: false, layer: 'host key', why, mend }
}

test('devices that fail alike are one line, with each line that mends it once', () => {
  const pinged: readonly Pinged[] = [
    { device: 'a', isWell: true, docker: '28' },
    failing('b', 'refused', 'ssh-copy-id b'),
    failing('c', 'refused', 'ssh-copy-id c'),
  ]
  const shown = [
    'a: ok',
    'b, c (2): fails at host key: refused',
    '    ssh-copy-id b',
    '    ssh-copy-id c',
  ]
  assert.deepEqual(formatPing(pinged), shown)
})

test('what each of them says is shown where it differs, and the way on once', () => {
  const pinged = [failing('b', 'SHA256:1', 'pin it'), failing('c', 'SHA256:2', 'pin it')]
  const shown = ['b, c (2): fails at host key:', '  b: SHA256:1', '  c: SHA256:2', '    pin it']
  assert.deepEqual(formatPing(pinged), shown)
})
