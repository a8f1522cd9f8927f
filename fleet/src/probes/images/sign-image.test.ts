import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import { ok } from '@timeball/lib/result.ts'
import { reader } from '../signatures/signature.ts'
import { keySigner } from '../signatures/signer.ts'
import type { SigningKey } from '../signatures/signing-key.ts'
import { verifySignature } from '../signatures/verify-signature.ts'
import { openSession } from './session.ts'
import { signImage } from './sign-image.ts'
import { digestOf, startRegistry, type WritableRegistry } from './test/writable-registry.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'
const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}')
const image = { mediaType: indexType, digest: digestOf(bytes), size: bytes.length }
const nowUnixMs = Date.UTC(2026, 10, 29)

function newKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { secret: privateKey, shared: publicKey }
}

function pemOf({ shared }: SigningKey): string {
  return shared.export({ type: 'spki', format: 'pem' })
}

const signal = new AbortController().signal
const access = { plainHttp: true, credentials: null, timeoutMs: 20_000, signal }

async function sign({ host }: WritableRegistry, key: SigningKey): Promise<string> {
  const reference = parseImageReference(`${host}/o/time:1`)
  assert.ok(reference.ok)
  const session = openSession({
    ...{ reference: reference.value, plainHttp: true, actions: 'pull,push', silenceMs: 20_000 },
    ...{ login: () => Promise.resolve(ok(null)), signal },
  })
  const read = reader(reference.value, access)
  const signed = await signImage(image, { session, read, signer: keySigner(key), nowUnixMs })
  return signed.ok ? signed.value.state : signed.failure.detail
}

/** The signer, or why there is none. */
async function signerAmong(
  { host }: WritableRegistry,
  ...keys: readonly SigningKey[]
): Promise<string> {
  const named = keys.map((key, at) => ({ file: `${at}.pub`, pem: pemOf(key) }))
  const found = await verifySignature(
    `${host}/o/time@${image.digest}`,
    { keys: named, identities: [], root: null },
    access,
  )
  return found.ok ? found.value : found.failure.code
}

for (const listsReferrers of [true, false]) {
  const kind = listsReferrers ? 'lists referrers' : 'needs the index under a tag'
  test(`in a registry that ${kind}, each key's signature is found, and made once`, async () => {
    await using registry = await startRegistry({ listsReferrers })
    const [one, two] = [newKey(), newKey()]
    assert.equal(await signerAmong(registry, one), 'unsigned')
    assert.equal(await sign(registry, one), 'signed')
    assert.equal(await signerAmong(registry, two), 'not-trusted')
    assert.equal(await sign(registry, two), 'signed')
    assert.equal(await signerAmong(registry, one), '0.pub')
    assert.equal(await signerAmong(registry, two), '0.pub')
    const written = registry.manifests.size
    assert.equal(await sign(registry, one), 'there')
    assert.equal(registry.manifests.size, written)
    const tag = `o/time/${image.digest.replace(':', '-')}`
    assert.equal(registry.manifests.has(tag), !listsReferrers)
  })
}

const envelope = z.object({
  verificationMaterial: z.object({ publicKey: z.object({ hint: z.string() }) }),
  dsseEnvelope: z.object({ signatures: z.tuple([z.record(z.string(), z.string())]) }),
})

function hintOf(shared: SigningKey['shared']): string {
  const spki = shared.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('base64')
}

test('a key is called as cosign calls it, and nowhere else', async () => {
  await using registry = await startRegistry()
  const key = newKey()
  await sign(registry, key)
  const folder = join(import.meta.dirname, '../signatures/test/cosign-3')
  const recorded = envelope.parse(JSON.parse(readFileSync(join(folder, 'bundle.json'), 'utf8')))
  const ofCosign = createPublicKey(readFileSync(join(folder, 'cosign.pub')))
  assert.equal(recorded.verificationMaterial.publicKey.hint, hintOf(ofCosign))
  const ours = [...registry.blobs.values()].flatMap(
    (blob) => envelope.safeParse(JSON.parse(blob.toString())).data ?? [],
  )
  assert.equal(ours.length, 1)
  assert.equal(ours[0]?.verificationMaterial.publicKey.hint, hintOf(key.shared))
  assert.deepEqual(Object.keys(ours[0]?.dsseEnvelope.signatures[0] ?? {}), ['sig'])
})

test('what stands under the tag of the index, and is none, stays', async () => {
  await using registry = await startRegistry()
  const tag = `o/time/${image.digest.replace(':', '-')}`
  const stored = { type: indexType, bytes: Buffer.from('{"manifests":7}') }
  registry.manifests.set(tag, stored)
  assert.match(await sign(registry, newKey()), /is not an index of referrers$/)
  assert.equal(registry.manifests.get(tag), stored)
})
