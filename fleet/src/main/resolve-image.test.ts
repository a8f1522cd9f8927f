import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { resolveImage } from './resolve-image.ts'

const digest = `sha256:${'1'.repeat(64)}`
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const image = { 'docker-manifest-digest': digest }
const payload = JSON.stringify({ critical: { image, type: 'cosign container image signature' } })
const payloadDigest = `sha256:${createHash('sha256').update(payload).digest('hex')}`
const signature = sign('sha256', Buffer.from(payload), privateKey).toString('base64')
const layer = {
  mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
  digest: payloadDigest,
  annotations: { 'dev.cosignproject.cosign/signature': signature },
}

let server: Server
let host = ''
let folder = ''

/** Two tags of one digest each; only the image `signed` has a signature. */
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timeball-keys-'))
  await writeFile(join(folder, 'cosign.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const bodies: Readonly<Record<string, string>> = {
    [`/v2/signed/manifests/${digest.replace(':', '-')}.sig`]: JSON.stringify({ layers: [layer] }),
    [`/v2/signed/blobs/${payloadDigest}`]: payload,
    '/v2/signed/manifests/1': '',
    '/v2/unsigned/manifests/1': '',
  }
  server = createServer(({ url = '' }, response) => {
    const body = bodies[url]
    response.setHeader('docker-content-digest', digest)
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  host = `127.0.0.1:${address.port}`
})

after(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  await rm(folder, { recursive: true, force: true })
})

async function resolve(name: string, ...keys: string[]): Promise<string> {
  const signal = new AbortController().signal
  const access = { plainHttp: true, credentials: null, timeoutMs: 10_000, signal }
  const files = keys.map((key) => join(folder, key))
  const result = await resolveImage(`${host}/${name}`, files, access)
  return result.ok ? result.value : result.failure.detail
}

test('without keys a tag becomes its digest', async () => {
  assert.equal(await resolve('unsigned:1'), `${host}/unsigned@${digest}`)
})

test('with keys only what is signed becomes its digest, also where the digest is written', async () => {
  assert.equal(await resolve('signed:1', 'cosign.pub'), `${host}/signed@${digest}`)
  assert.match(await resolve('unsigned:1', 'cosign.pub'), /is not signed/)
  assert.match(await resolve(`unsigned:1@${digest}`, 'cosign.pub'), /is not signed/)
})

test('a key that is not there is a refusal that names it', async () => {
  assert.match(await resolve('signed:1', 'cosign.pub', 'lost.pub'), /lost\.pub cannot be read/)
})
