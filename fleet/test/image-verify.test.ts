/** `timeball image inspect` and `image verify`, of what is kept and of what is in a registry. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseImageReference } from '../src/core/desired/image-reference.ts'
import type { ImageManifest, ImageParts } from '../src/ports/image-parts.ts'
import { pushImage } from '../src/probes/images/push-image.ts'
import { openSession } from '../src/probes/images/session.ts'
import {
  digestOf,
  startRegistry,
  type WritableRegistry,
} from '../src/probes/images/test/writable-registry.ts'
import { openLayout, indexType, manifestType } from '../src/stores/images/layout.ts'
import { keepImage } from '../src/stores/images/test/keep-image.ts'
import { ok } from '@timeball/lib/result.ts'
import { one } from './fleet-files.ts'
import { runTimeball, type Ended } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-verify-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), one)
const name = 'localhost/mcp-utc-time-server:0.1.0'
const labels = {
  'org.opencontainers.image.version': '0.1.0',
  'org.opencontainers.image.base.name': 'debian:trixie-slim',
  'io.timeball.device-contract': '1',
}
const images = join(folder, '.timeball/images')
const kept = await keepImage(images, name, labels)

function timeball(words: string): Promise<Ended> {
  return runTimeball(`image ${words}`, { cwd: folder, env: { HOME: folder } })
}

/** The kept image with an SBOM and provenance in it, as BuildKit puts them there. */
async function attested(change: { readonly subject?: string } = {}): Promise<ImageParts> {
  const { manifests, blobs } = await openLayout(images).parts(kept.digest)
  const platforms = manifests.slice(0, -1)
  const added = platforms.flatMap(({ digest }) => attestationOf(digest, change.subject ?? digest))
  const descriptors = [...platforms, ...added.map(({ manifest }) => manifest)].map(
    ({ digest, mediaType, bytes }) => ({ mediaType, digest, size: bytes.length }),
  )
  const annotated = descriptors.map((descriptor, at) =>
    at < platforms.length
      ? descriptor
      : { ...descriptor, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
  )
  const index = manifestOf({ mediaType: indexType, manifests: annotated })
  return {
    manifests: [...platforms, ...added.map(({ manifest }) => manifest), index],
    blobs: [...blobs, ...added.flatMap((each) => each.blobs)],
  }
}

function manifestOf(content: {
  readonly mediaType: string
  readonly manifests?: readonly unknown[]
  readonly layers?: readonly unknown[]
}): ImageManifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...content }))
  return { digest: digestOf(bytes), mediaType: content.mediaType, bytes }
}

function attestationOf(
  platform: string,
  subject: string,
): readonly { readonly manifest: ImageManifest; readonly blobs: ImageParts['blobs'] }[] {
  const statements = ['https://spdx.dev/Document', 'https://slsa.dev/provenance/v1'].map(
    (predicateType) => {
      const about = [{ name: platform, digest: { sha256: subject.slice('sha256:'.length) } }]
      const text = JSON.stringify({ predicateType, subject: about, predicate: {} })
      const bytes = Buffer.from(text)
      const layer = {
        mediaType: 'application/vnd.in-toto+json',
        ...{ digest: digestOf(bytes), size: bytes.length },
        annotations: { 'in-toto.io/predicate-type': predicateType },
      }
      return { layer, bytes }
    },
  )
  const manifest = manifestOf({
    mediaType: manifestType,
    layers: statements.map(({ layer }) => layer),
  })
  const blobs = statements.map(({ bytes }) => ({
    digest: digestOf(bytes),
    sizeBytes: bytes.length,
    async *open() {
      yield bytes
    },
  }))
  return [{ manifest, blobs }]
}

async function fill(registry: WritableRegistry, parts: ImageParts): Promise<string> {
  const reference = parseImageReference(`${registry.host}/o/time:1`)
  assert.ok(reference.ok)
  const session = openSession({
    ...{ reference: reference.value, plainHttp: true, actions: 'pull,push', silenceMs: 20_000 },
    ...{ login: () => Promise.resolve(ok(null)), signal: new AbortController().signal },
  })
  const pushed = await pushImage(session, parts, '1', { blob() {} })
  assert.ok(pushed.ok, pushed.ok ? '' : pushed.failure.detail)
  return `${registry.host}/o/time:1 --plain-http`
}

test('an image of fleet.yaml that is kept is shown, and what it lacks is named', async () => {
  const { exit, stdout } = await timeball('inspect')
  assert.equal(exit, 0)
  assert.ok(stdout.startsWith(`${name}  ${kept.digest}\nKept beside the fleet.\n`), stdout)
  assert.match(stdout, /^linux\/arm64 +sha256:[0-9a-f]{64} +0\.0 MB$/m)
  assert.match(stdout, /^Version +0\.1\.0\nDevice contract +1\nBase +debian:trixie-slim\n/m)
  assert.match(stdout, /^SBOM +none\nProvenance +none\nSignatures +none\n$/m)
  const proved = await timeball('verify')
  assert.equal(proved.exit, 5)
  assert.match(proved.stdout, /^sbom +✗ broken +none for linux\/arm64, linux\/amd64$/m)
  assert.match(proved.stdout, /^3 of 5 are as they should be$/m)
  const short = 'mcp-utc-time-server:0.1.0'
  assert.equal((await timeball(`verify ${short} --only platforms,version,contract`)).exit, 0)
})

test('what BuildKit put into an image of a registry is found, and that nobody signed it', async () => {
  await using registry = await startRegistry()
  const words = await fill(registry, await attested())
  const { stdout } = await timeball(`inspect ${words} --json`)
  assert.partialDeepStrictEqual(JSON.parse(stdout.split('\n')[1] ?? ''), {
    ...{ type: 'image_facts', place: 'registry', signatures: 0, signed_by: null },
    statements: {
      sbom: ['linux/amd64', 'linux/arm64'],
      provenance: ['linux/amd64', 'linux/arm64'],
    },
  })
  const key = join(import.meta.dirname, '../src/probes/signatures/test/cosign-3/cosign.pub')
  const proved = await timeball(`verify ${words} --key ${key}`)
  assert.equal(proved.exit, 5)
  assert.match(proved.stdout, /^signature +✗ broken +sha256:\S+ is not signed$/m)
  assert.match(proved.stdout, /^5 of 6 are as they should be$/m)
})

test('an SBOM about something else is none', async () => {
  await using registry = await startRegistry()
  const words = await fill(registry, await attested({ subject: digestOf('other') }))
  assert.match((await timeball(`verify ${words}`)).stdout, /^sbom +✗ broken/m)
})

test('what lies in a registry under another digest is refused, and so is what is no image', async () => {
  await using registry = await startRegistry()
  const parts = await attested()
  const words = await fill(registry, parts)
  const first = parts.blobs[0]?.digest ?? ''
  registry.blobs.set(first, Buffer.from('{}'))
  const swapped = await timeball(`inspect ${words}`)
  assert.equal(swapped.exit, 1)
  assert.match(swapped.stderr, /sent something else than sha256:\w+: its digest is another/)
  for (const tag of ['1', digestOf('[]')]) {
    registry.manifests.set(`o/time/${tag}`, { type: indexType, bytes: Buffer.from('[]') })
  }
  assert.match((await timeball(`inspect ${words}`)).stderr, /is no part of an image/)
})

test('what cannot be had, or is not a proof, is told with its exit code', async () => {
  await using registry = await startRegistry({ account: 'ops:pass' })
  const stranger = await timeball(`verify ${registry.host}/o/time:1 --plain-http`)
  assert.equal(stranger.exit, 4)
  assert.match(stranger.stderr, /cannot be read: .*docker login 127/)
  assert.equal((await timeball('verify --only trust')).exit, 64)
  for (const written of ['localhost/none:1', 'none:1']) {
    assert.match((await timeball(`inspect ${written}`)).stderr, /has no localhost\/none:1/)
  }
  const key = join(folder, 'inventory.yml')
  assert.match((await timeball(`verify --key ${key}`)).stderr, /is no ECDSA P-256 public key/)
})
