import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fail, ok } from '@timeball/lib/result.ts'
import type { SignerSettings } from '../core/desired/settings.ts'
import { resolveImage, type Login } from './resolve-image.ts'

const manifest = '{"schemaVersion":2}'
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`
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
    '/v2/signed/manifests/1': manifest,
    '/v2/unsigned/manifests/1': manifest,
    '/v2/private/manifests/1': manifest,
  }
  server = createServer(({ url = '', headers }, response) => {
    if (url.startsWith('/v2/private/') && headers.authorization !== basic) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
      return
    }
    if (url.startsWith('/v2/busy/')) {
      response.writeHead(429, { 'retry-after': '90' }).end()
      return
    }
    const body = bodies[url]
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

const ada = { user: 'ada', password: 's3cret' }
const basic = `Basic ${Buffer.from('ada:s3cret').toString('base64')}`

function signers(signature_keys: readonly string[]): SignerSettings {
  return { signature_keys, signature_identities: [] }
}

async function resolveAs(name: string, login: Login): Promise<string> {
  const signal = new AbortController().signal
  const access = { plainHttp: true, credentials: null, timeoutMs: 10_000, signal }
  const result = await resolveImage(`${host}/${name}`, signers([]), access, login)
  return (result.ok ? result.value : result.failure.detail).replaceAll(host, 'HOST')
}

async function resolve(name: string, ...keys: string[]): Promise<string> {
  const signal = new AbortController().signal
  const access = { plainHttp: true, credentials: null, timeoutMs: 10_000, signal }
  const files = keys.map((key) => join(folder, key))
  const result = await resolveImage(`${host}/${name}`, signers(files), access)
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

for (const { name, login, expected } of [
  { name: 'a private registry gets the login', login: ok(ada), expected: `HOST/private@${digest}` },
  {
    name: 'without a login it is said how to make one',
    login: ok(null),
    expected: 'HOST wants a user and a password: docker login HOST, where it is private',
  },
  {
    name: 'a login that is not taken is said with its user, and without its password',
    login: ok({ ...ada, password: 'old' }),
    expected: 'HOST refuses access to HOST/private:1, with the login of docker as ada',
  },
  {
    name: 'a login that cannot be had is said',
    login: fail('the keychain is locked'),
    expected: 'HOST wants a user and a password, and the keychain is locked',
  },
]) {
  test(name, async () => {
    assert.equal(await resolveAs('private:1', () => Promise.resolve(login)), expected)
  })
}

const never: Login = () => Promise.reject(new Error('it was asked for'))

test('nobody is asked for a login where none is needed', async () => {
  assert.equal(await resolveAs('unsigned:1', never), `HOST/unsigned@${digest}`)
})

test('a registry that has too many requests says how long to wait', async () => {
  assert.equal(
    await resolveAs('busy:1', never),
    'HOST had too many requests (HTTP 429): again in 90 s',
  )
})
