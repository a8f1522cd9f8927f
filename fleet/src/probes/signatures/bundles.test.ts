/** Bundles that refer to an image, one of them as cosign 3.1.3 wrote it (`test/cosign-3/`). */
import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { digest, digestOf, pair, serve, verifyIn, type Answers } from './test/fake-registry.ts'

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const mine = pair('cosign.pub')
const theirs = pair('theirs.pub')

function recorded(name: string): string {
  return readFileSync(join(import.meta.dirname, 'test/cosign-3', name), 'utf8')
}

test('what cosign 3 signed is accepted by its key, and by no other', async () => {
  const [index, manifest, bundle] = ['index.json', 'manifest.json', 'bundle.json'].map(recorded)
  assert.ok(index !== undefined && manifest !== undefined && bundle !== undefined)
  const image = 'sha256:2b4953b8d2d84fc1b5cef4e921c3e1f989cd617c29f617266791b7abfb8e6b08'
  await using registry = await serve(
    {
      [`/v2/o/a/manifests/${image.replace(':', '-')}`]: index,
      [`/v2/o/a/manifests/${digestOf(manifest)}`]: manifest,
      [`/v2/o/a/blobs/${digestOf(bundle)}`]: bundle,
    },
    image,
  )
  const key = { file: 'cosign.pub', pem: recorded('cosign.pub') }
  assert.equal(await verifyIn(registry.image, [mine.key, key]), 'cosign.pub')
  assert.equal(await verifyIn(registry.image, [mine.key]), 'not-trusted')
})

interface Change {
  readonly of?: string
  readonly predicateType?: string
  readonly signer?: typeof mine
  /** What lies in the registry in the place of what was signed. */
  readonly payload?: string
  readonly mediaType?: string
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** DSSE's pre-authentication encoding is what is signed. */
function bundled(change: Change): string {
  const payloadType = 'application/vnd.in-toto+json'
  const payload = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: (change.of ?? digest).slice('sha256:'.length) } }],
    predicateType: change.predicateType ?? 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  })
  const encoded = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} ${payload}`
  const signature = sign('sha256', Buffer.from(encoded), (change.signer ?? mine).secret)
  return JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: '' }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(change.payload ?? payload).toString('base64'),
      payloadType,
      signatures: [{ sig: signature.toString('base64') }],
    },
  })
}

function referring(bundle: string, change: Change = {}): Answers {
  const layer = { mediaType: change.mediaType ?? bundleType, digest: digestOf(bundle) }
  const manifest = JSON.stringify({
    schemaVersion: 2,
    layers: [layer],
    annotations: change.annotations,
  })
  const descriptor = { digest: digestOf(manifest), artifactType: bundleType }
  return {
    [`/v2/o/a/referrers/${digest}`]: JSON.stringify({ manifests: [descriptor] }),
    [`/v2/o/a/manifests/${digestOf(manifest)}`]: manifest,
    [`/v2/o/a/blobs/${digestOf(bundle)}`]: bundle,
  }
}

const cases: readonly (readonly [string, Answers, string])[] = [
  ['a bundle in the list of referrers', referring(bundled({})), 'cosign.pub'],
  ['a bundle of a stranger', referring(bundled({ signer: theirs })), 'not-trusted'],
  ['a bundle of another image', referring(bundled({ of: digestOf('other') })), 'not-trusted'],
  [
    'provenance is no signature, whoever made it',
    referring(bundled({ predicateType: 'https://slsa.dev/provenance/v1' })),
    'unsigned',
  ],
  [
    'an SBOM that is larger than any signature',
    referring(bundled({}) + ' '.repeat(100_000), {
      annotations: { 'dev.sigstore.bundle.predicateType': 'https://spdx.dev/Document' },
    }),
    'unsigned',
  ],
  [
    'a statement that was changed after it was signed',
    referring(bundled({ of: digestOf('other'), payload: bundledPayloadOf(digest) })),
    'not-trusted',
  ],
  ['a layer of another kind', referring(bundled({}), { mediaType: 'text/plain' }), 'unsigned'],
  ['a bundle that is none', referring('{"dsseEnvelope":7}'), 'unsigned'],
  [
    'a registry that neither lists nor says that it cannot',
    { [`/v2/o/a/referrers/${digest}`]: (response) => void response.writeHead(405).end() },
    'protocol',
  ],
  ['a manifest that is not the one of its digest', swapped('manifests'), 'protocol'],
  ['a bundle that is not the one of its digest', swapped('blobs'), 'protocol'],
  [
    'a list that is none',
    { [`/v2/o/a/referrers/${digest}`]: '{"manifests":[{"digest":"../../x"}]}' },
    'protocol',
  ],
]

/** The right answers under the wrong digest. */
function swapped(kind: 'manifests' | 'blobs'): Answers {
  const answers = referring(bundled({}))
  return Object.fromEntries(
    Object.entries(answers).map(([path, answer]) => [
      path,
      path.includes(`/${kind}/`) && typeof answer === 'string' ? `${answer} ` : answer,
    ]),
  )
}

function bundledPayloadOf(of: string): string {
  const sha256 = of.slice('sha256:'.length)
  const predicateType = 'https://sigstore.dev/cosign/sign/v1'
  return JSON.stringify({ subject: [{ digest: { sha256 } }], predicateType })
}

for (const [name, answers, expected] of cases) {
  test(`${name}: ${expected}`, async () => {
    await using registry = await serve(answers)
    assert.equal(await verifyIn(registry.image, [mine.key]), expected)
  })
}
