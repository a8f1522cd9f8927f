import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FoundPackage } from './found-package.ts'
import { provenanceStatement, sbomStatement, type BuiltPlatform } from './statements.ts'

const hex = 'ab'.repeat(32)
const image: BuiltPlatform = {
  name: 'localhost/time:1.0.0',
  ...{ version: '1.0.0', platform: 'linux/arm64', digest: `sha256:${hex}`, tool: '0.1.0' },
}
const none = { architecture: null, source: null, license: null }
const packages: readonly FoundPackage[] = [
  {
    ...none,
    kind: 'deb',
    name: 'libstdc++6',
    version: '1:14.2.0-19',
    architecture: 'arm64',
    source: 'gcc-14',
  },
  { ...none, kind: 'npm', name: '@hono/node-server', version: '2.1.9', license: 'MIT' },
  { ...none, kind: 'node', name: 'node', version: '26.10.0' },
]
const contents = { created: '2026-01-02T03:04:05Z', distribution: 'debian-13', packages }
const subject = [{ name: image.name, digest: { sha256: hex } }]

test('an SBOM names each package by its URL, at the time of the image', () => {
  const { predicateType, text } = sbomStatement(image, contents)
  assert.equal(predicateType, 'https://spdx.dev/Document')
  const said = JSON.parse(text)
  assert.deepEqual(said.subject, subject)
  assert.equal(said.predicate.creationInfo.created, '2026-01-02T03:04:05Z')
  const [whole, ...parts] = said.predicate.packages
  assert.equal(whole.checksums[0].checksumValue, hex)
  const locators = parts.map((part: { externalRefs: readonly { referenceLocator: string }[] }) =>
    part.externalRefs.map(({ referenceLocator }) => referenceLocator),
  )
  assert.deepEqual(locators, [
    ['pkg:deb/debian/libstdc%2B%2B6@1%3A14.2.0-19?arch=arm64&distro=debian-13&upstream=gcc-14'],
    ['pkg:npm/%40hono/node-server@2.1.9'],
    ['pkg:generic/node@26.10.0', 'cpe:2.3:a:nodejs:node.js:26.10.0:*:*:*:*:*:*:*'],
  ])
  assert.deepEqual(
    parts.map(({ licenseDeclared }: { licenseDeclared: string }) => licenseDeclared),
    ['NOASSERTION', 'MIT', 'NOASSERTION'],
  )
  assert.equal(said.predicate.relationships.length, 1 + packages.length)
})

test('provenance names what it stands on, and each file, and nothing that changes by itself', () => {
  const sources = {
    images: [`debian:trixie-slim@sha256:${hex}`, 'registry.example:5000/base'],
    files: [{ name: 'dist/time-server.js', sha256: hex }],
  }
  const { predicateType, text } = provenanceStatement(image, sources)
  assert.equal(predicateType, 'https://slsa.dev/provenance/v1')
  const { buildDefinition, runDetails } = JSON.parse(text).predicate
  assert.deepEqual(buildDefinition.resolvedDependencies, [
    { uri: `pkg:docker/debian@trixie-slim?digest=sha256:${hex}`, digest: { sha256: hex } },
    { uri: 'pkg:docker/registry.example:5000/base' },
    { name: 'dist/time-server.js', digest: { sha256: hex } },
  ])
  assert.deepEqual(runDetails.builder.version, { timeball: '0.1.0' })
})
