/** The digest of a tag, and the signature of an image, against Debian's docker-registry. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { resolveDigest } from './registry.ts'
import { startDebianRegistry, type DebianRegistry } from './test/debian-registry.ts'
import { verifySignature } from './signatures/verify-signature.ts'

let folder = ''
let host = ''
let registry: DebianRegistry

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timeball-registry-'))
  registry = await startDebianRegistry()
  host = registry.host
})

after(async () => {
  await registry.stop()
  await rm(folder, { recursive: true, force: true })
})

function digestOf(bytes: string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** OCI distribution specification, "Pushing": one blob in two requests. */
async function pushBlob(repository: string, content: string): Promise<void> {
  const upload = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  const place = new URL(upload.headers.get('location') ?? '', `http://${host}`)
  place.searchParams.set('digest', digestOf(content))
  const headers = { 'content-type': 'application/octet-stream' }
  const stored = await fetch(place, { method: 'PUT', body: content, headers })
  assert.equal(stored.status, 201)
}

async function pushManifest(path: string, type: string, manifest: string): Promise<void> {
  const headers = { 'content-type': type }
  const url = `http://${host}/v2/${path}`
  const stored = await fetch(url, { method: 'PUT', body: manifest, headers })
  assert.equal(stored.status, 201, await stored.text())
}

const imageType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

/** An image without layers; `created` makes it differ from another. */
async function pushImage(repository: string, tag: string, created: string): Promise<string> {
  const config = JSON.stringify({ created, architecture: 'arm64', os: 'linux' })
  await pushBlob(repository, config)
  const mediaType = 'application/vnd.oci.image.config.v1+json'
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: { mediaType, digest: digestOf(config), size: config.length },
    layers: [],
  })
  await pushManifest(`${repository}/manifests/${tag}`, imageType, manifest)
  return manifest
}

async function resolve(name: string): Promise<string> {
  const signal = new AbortController().signal
  const access = { plainHttp: true, credentials: null, timeoutMs: 10_000, signal }
  const result = await resolveDigest(`${host}/${name}`, access)
  return result.ok ? result.value : result.failure.code
}

test('a tag is resolved to its digest, and follows the tag when it moves', async () => {
  const first = await pushImage('o/time-server', '1', '2026-01-01T00:00:00Z')
  assert.equal(await resolve('o/time-server:1'), digestOf(first))
  const second = await pushImage('o/time-server', '1', '2026-02-02T00:00:00Z')
  assert.equal(await resolve('o/time-server:1'), digestOf(second))
  assert.notEqual(digestOf(first), digestOf(second))
})

test('an image for several architectures has the digest of its index', async () => {
  const manifest = await pushImage('multi', 'arm64', '2026-01-01T00:00:00Z')
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [
      {
        mediaType: imageType,
        digest: digestOf(manifest),
        size: manifest.length,
        platform: { architecture: 'arm64', os: 'linux' },
      },
    ],
  })
  await pushManifest('multi/manifests/latest', indexType, index)
  assert.equal(await resolve('multi'), digestOf(index))
})

test('an image that is not there is not found', async () => {
  assert.equal(await resolve('nothing:1'), 'not-found')
})

/** A key as `cosign generate-key-pair` makes it, and what it signs. */
function openssl(...args: string[]): Buffer {
  return execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
}

async function pushSignature(repository: string, digest: string, key: string): Promise<void> {
  const critical = {
    identity: { 'docker-reference': '' },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  }
  const payload = JSON.stringify({ critical, optional: null })
  await writeFile(join(folder, 'payload'), payload)
  const signature = openssl('dgst', '-sha256', '-sign', key, 'payload')
  const config = '{}'
  await pushBlob(repository, payload)
  await pushBlob(repository, config)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: digestOf(config),
      size: config.length,
    },
    layers: [
      {
        mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
        digest: digestOf(payload),
        size: payload.length,
        annotations: { 'dev.cosignproject.cosign/signature': signature.toString('base64') },
      },
    ],
  })
  const tag = `${digest.replace(':', '-')}.sig`
  await pushManifest(`${repository}/manifests/${tag}`, imageType, manifest)
}

test('an image that openssl has signed is accepted with that key, and no other', async () => {
  const digest = digestOf(await pushImage('signed', '1', '2026-01-01T00:00:00Z'))
  const keys = await Promise.all(
    ['one', 'two'].map(async (name) => {
      openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', name)
      openssl('ec', '-in', name, '-pubout', '-out', `${name}.pub`)
      return { file: `${name}.pub`, pem: await readFile(join(folder, `${name}.pub`), 'utf8') }
    }),
  )
  const verify = async (some: typeof keys): Promise<string> => {
    const signal = new AbortController().signal
    const access = { plainHttp: true, credentials: null, timeoutMs: 10_000, signal }
    const result = await verifySignature(
      `${host}/signed@${digest}`,
      { keys: some, identities: [], root: null },
      access,
    )
    return result.ok ? result.value : result.failure.code
  }
  assert.equal(await verify(keys), 'unsigned')
  await pushSignature('signed', digest, 'one')
  assert.equal(await verify(keys), 'one.pub')
  assert.equal(await verify(keys.slice(1)), 'not-trusted')
})

test('a registry with an authority of its own is told what to do, and then is trusted', async () => {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'tls.key', '-out', 'tls.crt']
  openssl('req', '-x509', '-days', '1', ...key, ...subject)
  const [cert, secret] = ['tls.crt', 'tls.key'].map((name) => readFileSync(join(folder, name)))
  assert.ok(cert !== undefined && secret !== undefined)
  const digest = digestOf('an image')
  const server = createServer({ cert, key: secret }, (_, response) => {
    response.setHeader('docker-content-digest', digest).end('an image')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const reference = `127.0.0.1:${address.port}/a:1`
  try {
    const signal = new AbortController().signal
    const access = { plainHttp: false, credentials: null, timeoutMs: 10_000, signal }
    const refused = await resolveDigest(reference, access)
    assert.ok(!refused.ok)
    assert.match(refused.failure.detail, /certificate.*NODE_EXTRA_CA_CERTS may name the file/)

    const module = new URL('registry.ts', import.meta.url).href
    const program = `
      import { resolveDigest } from '${module}'
      const { signal } = new AbortController()
      const access = { plainHttp: false, credentials: null, timeoutMs: 10_000, signal }
      console.log(JSON.stringify(await resolveDigest('${reference}', access)))`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'tls.crt') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    assert.deepEqual(JSON.parse(await text(child.stdout)), { ok: true, value: digest })
  } finally {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})
