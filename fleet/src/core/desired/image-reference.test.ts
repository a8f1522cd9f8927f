import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatImageReference, parseImageReference } from './image-reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

for (const { text, parts } of [
  { text: 'debian', parts: ['docker.io', 'library/debian', null, null] },
  { text: 'debian:13', parts: ['docker.io', 'library/debian', '13', null] },
  { text: 'cturra/ntp', parts: ['docker.io', 'cturra/ntp', null, null] },
  { text: 'docker.io/debian', parts: ['docker.io', 'library/debian', null, null] },
  { text: 'index.docker.io/a/b', parts: ['docker.io', 'a/b', null, null] },
  { text: 'ghcr.io/o/server:1.2', parts: ['ghcr.io', 'o/server', '1.2', null] },
  { text: 'GHCR.io/o/server', parts: ['ghcr.io', 'o/server', null, null] },
  { text: 'localhost/a', parts: ['localhost', 'a', null, null] },
  { text: 'localhost:5000/a:b', parts: ['localhost:5000', 'a', 'b', null] },
  { text: '127.0.0.1:5000/time-server', parts: ['127.0.0.1:5000', 'time-server', null, null] },
  { text: '[::1]:5000/a:1', parts: ['[::1]:5000', 'a', '1', null] },
  { text: `r.example/a:1@${digest}`, parts: ['r.example', 'a', '1', digest] },
  { text: `a@${digest}`, parts: ['docker.io', 'library/a', null, digest] },
]) {
  test(`'${text}' is read with all defaults, and written back to the same`, () => {
    const parsed = parseImageReference(text)
    assert.ok(parsed.ok)
    const { registry, repository, tag, digest } = parsed.value
    assert.deepEqual([registry, repository, tag, digest], parts)
    assert.deepEqual(parseImageReference(formatImageReference(parsed.value)), parsed)
  })
}

for (const text of [
  '',
  'A',
  'Debian:13',
  'Timeball/server',
  'ghcr.io/',
  'ghcr.io//a',
  'a/',
  'a:',
  'a:-x',
  'a@sha256:00',
  `a@${digest.toUpperCase()}`,
  `a@${digest}@${digest}`,
  'a b',
  'a\n',
  '-a.example/b',
  'https://ghcr.io/a',
  'host.example:port/a',
  '../etc/passwd',
  `a/${'b'.repeat(600)}`,
]) {
  test(`'${text.slice(0, 40)}' is not an image name`, () => {
    assert.equal(parseImageReference(text).ok, false)
  })
}

test('whatever is read is written back to the same, and fits into a URL as it is', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9._:@/-]{0,12}$/)
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const parsed = parseImageReference(parts.join('/'))
      if (!parsed.ok) return
      const again = parseImageReference(formatImageReference(parsed.value))
      assert.deepEqual(again, parsed)
      const path = `/v2/${parsed.value.repository}/manifests/${parsed.value.tag ?? 'latest'}`
      assert.equal(new URL(`http://x${path}`).pathname, path)
    }),
    { numRuns: 1000 },
  )
})
