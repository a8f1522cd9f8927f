/** What the image is made of, before anybody builds it. What becomes of it: fleet/test/lab/. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

function read(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8')
}

const base = read('Dockerfile.base')
const server = read('Dockerfile')

test('both images that it stands on are named by tag and digest', () => {
  const named = [...base.matchAll(/^ARG \w+=(?<image>.+)$/gm)].map((each) => each.groups?.['image'])
  assert.equal(named.length, 2)
  for (const image of named) assert.match(image ?? '', /^[a-z]+:[a-z0-9-]+@sha256:[0-9a-f]{64}$/)
  const from = [...base.matchAll(/^FROM (?<what>\S+)/gm)].map((each) => each.groups?.['what'])
  assert.deepEqual(from, ['${NODE_IMAGE}', '${BASE}'])
})

test('packages are pinned, all but those that are data', () => {
  const install = /apt-get install [^&]*&&/.exec(base)?.[0] ?? ''
  const names = install
    .split(/[\s\\&']+/)
    .filter((word) => /^[a-z]/.test(word))
    .slice(2)
  assert.deepEqual(
    names.filter((name) => !/=\d[^=]*-\*$/.test(name)),
    ['ca-certificates', 'tzdata'],
  )
  assert.ok(names.some((name) => name.startsWith('ntpsec=')))
})

test('the server is put on top without running anything, so any platform can be built', () => {
  assert.doesNotMatch(server, /^RUN/m)
})

test('ports, health and end are said to Docker', () => {
  assert.match(server, /^EXPOSE 123\/udp 3000\/tcp 9090\/tcp$/m)
  assert.match(server, /^HEALTHCHECK [^\n]*\\\n {2}CMD \["\/usr\/local\/bin\/healthcheck"\]$/m)
  assert.match(server, /^STOPSIGNAL SIGTERM$/m)
  assert.match(server, /^ENTRYPOINT \["\/usr\/local\/bin\/entrypoint"\]$/m)
})

test('the labels say what it is, and which version of the device contract it keeps', () => {
  const labels = new Set(
    [...server.matchAll(/(?<name>[a-z.-]+)="/g)].map((each) => each.groups?.['name']),
  )
  for (const name of ['title', 'description', 'licenses', 'version']) {
    assert.ok(labels.has(`org.opencontainers.image.${name}`), name)
  }
  const contract = readFileSync(
    fileURLToPath(new URL('../../docs/device-contract.md', import.meta.url)),
    'utf8',
  )
  const label = /io\.timeball\.device-contract="\d+"/.exec(server)?.[0]
  assert.ok(label !== undefined && contract.includes(label), 'docs/device-contract.md names it')
})
