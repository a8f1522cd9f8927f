import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SignatureKey } from './trust.ts'
import {
  digest,
  digestOf,
  pair,
  serve,
  verifyIn,
  type Answers,
  type Pair,
} from './test/fake-registry.ts'

const other = `sha256:${'f'.repeat(64)}`

const mine = pair('cosign.pub')
const theirs = pair('theirs.pub')

/** As `cosign sign` writes it. */
function payloadFor(signed: string, type = 'cosign container image signature'): string {
  const image = { 'docker-manifest-digest': signed }
  const identity = { 'docker-reference': 'registry.example/a' }
  return JSON.stringify({ critical: { identity, image, type }, optional: null })
}

interface Layer {
  readonly payload: string
  /** Base64. */
  readonly signature: string
  readonly mediaType?: string
}

function layer(payload: string, { secret }: Pair = mine): Layer {
  return { payload, signature: sign('sha256', Buffer.from(payload), secret).toString('base64') }
}

const manifestPath = `/v2/o/a/manifests/${digest.replace(':', '-')}.sig`

function signedBy(layers: readonly Layer[]): Answers {
  const manifest = JSON.stringify({
    schemaVersion: 2,
    layers: layers.map(({ payload, signature, mediaType }) => ({
      mediaType: mediaType ?? 'application/vnd.dev.cosign.simplesigning.v1+json',
      digest: digestOf(payload),
      size: payload.length,
      annotations: { 'dev.cosignproject.cosign/signature': signature },
    })),
  })
  const blobs = layers.map(({ payload }) => [`/v2/o/a/blobs/${digestOf(payload)}`, payload])
  return { [manifestPath]: manifest, ...Object.fromEntries(blobs) }
}

async function verdict(
  answers: Answers,
  keys: readonly SignatureKey[] = [mine.key],
): Promise<string> {
  await using registry = await serve(answers)
  return await verifyIn(registry.image, keys)
}

test('a signature by the key is accepted, and the key is named', async () => {
  assert.equal(await verdict(signedBy([layer(payloadFor(digest))])), 'cosign.pub')
})

test('one key of several, and one signature of several, are enough', async () => {
  const layers = [layer(payloadFor(digest), theirs), layer(payloadFor(digest))]
  assert.equal(await verdict(signedBy(layers), [pair('x').key, mine.key]), 'cosign.pub')
})

const good = layer(payloadFor(digest))
for (const { name, answers, code } of [
  { name: 'an image without signatures', answers: {}, code: 'unsigned' },
  { name: 'no layers', answers: signedBy([]), code: 'unsigned' },
  {
    name: 'the signature of a stranger',
    answers: signedBy([layer(payloadFor(digest), theirs)]),
    code: 'not-trusted',
  },
  {
    name: 'a good signature of another image',
    answers: signedBy([layer(payloadFor(other))]),
    code: 'not-trusted',
  },
  {
    name: 'a signature of something that is no image',
    answers: signedBy([layer(payloadFor(digest, 'attestation'))]),
    code: 'not-trusted',
  },
  {
    name: 'a payload that was changed after it was signed',
    answers: signedBy([{ ...good, payload: payloadFor(digest).replace('null', '[]') }]),
    code: 'not-trusted',
  },
  {
    name: 'a layer of another kind',
    answers: signedBy([{ ...good, mediaType: 'application/json' }]),
    code: 'unsigned',
  },
  {
    name: 'a manifest that is none',
    answers: { [manifestPath]: '{"layers":[{"digest":"../../x"}]}' },
    code: 'protocol',
  },
  {
    name: 'a manifest that is too large',
    answers: { [manifestPath]: ' '.repeat(1_100_000) },
    code: 'protocol',
  },
  {
    name: 'a payload that is too large',
    answers: signedBy([layer(payloadFor(digest) + ' '.repeat(70_000))]),
    code: 'protocol',
  },
  {
    name: 'a registry that breaks down',
    answers: { [manifestPath]: (response: ServerResponse) => void response.writeHead(500).end() },
    code: 'protocol',
  },
]) {
  test(`${name}: ${code}`, async () => {
    assert.equal(await verdict(answers), code)
  })
}

test('at most 32 signatures are read', async () => {
  const strange = Array.from({ length: 40 }, (_, n) => layer(`${n}`, theirs))
  await using registry = await serve(signedBy([...strange, good]))
  assert.equal(await verifyIn(registry.image, [mine.key]), 'not-trusted')
  assert.equal(registry.requests.filter((path) => path.includes('/blobs/')).length, 32)
})

test('no bytes in the place of a signature are accepted, or make it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
      const signature = Buffer.from(bytes).toString('base64')
      assert.equal(await verdict(signedBy([{ ...good, signature }])), 'not-trusted')
    }),
    { numRuns: 30 },
  )
})

test('what is no P-256 public key is refused before anybody is asked', async () => {
  await using registry = await serve({})
  const keys = [pair('p384.pub', 'P-384').key, { file: 'empty.pub', pem: '' }]
  for (const key of keys) assert.equal(await verifyIn(registry.image, [mine.key, key]), 'bad-key')
  assert.deepEqual(registry.requests, [])
})

test('only a digest can be verified, and silence is no signature', async () => {
  assert.equal(await verifyIn('registry.invalid/a:1', [mine.key]), 'bad-reference')
  await using registry = await serve({ [manifestPath]: () => {} })
  assert.equal(await verifyIn(registry.image, [mine.key], { timeoutMs: 50 }), 'unreachable')
})
