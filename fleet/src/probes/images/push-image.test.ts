import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageParts } from '../../ports/image-parts.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import { ok } from '@timeball/lib/result.ts'
import { pushImage } from './push-image.ts'
import { openSession, type SessionOptions } from './session.ts'
import {
  digestOf,
  startRegistry,
  type RegistryTraits,
  type WritableRegistry,
} from './test/writable-registry.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
/** Larger than what is sent without waiting for the word. */
const layers = ['arm64', 'amd64', 'provenance'].map((name) => Buffer.from(name.repeat(20_000)))
const config = Buffer.from('{"os":"linux"}')

/** Two platforms that share a configuration, and an attestation. */
function image(): ImageParts {
  const below = layers.map((layer) => {
    const text = JSON.stringify({
      schemaVersion: 2,
      config: { digest: digestOf(config) },
      layers: [{ digest: digestOf(layer) }],
    })
    return { digest: digestOf(text), mediaType: manifestType, bytes: Buffer.from(text) }
  })
  const text = JSON.stringify({ schemaVersion: 2, manifests: below.map(({ digest }) => digest) })
  return {
    manifests: [
      ...below,
      { digest: digestOf(text), mediaType: indexType, bytes: Buffer.from(text) },
    ],
    blobs: [config, ...layers].map((bytes) => ({
      digest: digestOf(bytes),
      sizeBytes: bytes.length,
      async *open() {
        yield bytes
      },
    })),
  }
}

interface Outcome {
  readonly text: string
  readonly states: readonly string[]
}

async function push(
  { host }: Pick<WritableRegistry, 'host'>,
  change: Partial<SessionOptions> = {},
): Promise<Outcome> {
  const reference = parseImageReference(`${host}/o/time:1`)
  assert.ok(reference.ok)
  const session = openSession({
    ...{ reference: reference.value, plainHttp: true, actions: 'pull,push', silenceMs: 20_000 },
    ...{ login: () => Promise.resolve(ok(null)), signal: new AbortController().signal },
    ...change,
  })
  const states: string[] = []
  const pushed = await pushImage(session, image(), '1', {
    blob: (_, state) => void states.push(state),
  })
  return { text: pushed.ok ? 'ok' : pushed.failure.detail.replaceAll(host, 'R'), states }
}

async function refused(traits: RegistryTraits, change?: Partial<SessionOptions>): Promise<string> {
  await using registry = await startRegistry(traits)
  return (await push(registry, change)).text
}

/** The answer to whatever brings a layer. */
function toLayers(status: number, headers = {}, body = ''): RegistryTraits {
  return {
    before(request, response) {
      if (request.method !== 'PUT' || request.url?.includes('/uploads/') !== true) return false
      response.writeHead(status, { ...headers, connection: 'close' }).end(body)
      return true
    },
  }
}

test('platforms and attestations arrive with the same digests, and the tag is the index', async () => {
  await using registry = await startRegistry()
  assert.deepEqual(await push(registry), { text: 'ok', states: Array(4).fill('sent') })
  const { manifests } = image()
  const index = manifests.at(-1)
  assert.deepEqual(registry.manifests.get('o/time/1'), {
    type: indexType,
    bytes: index?.bytes,
  })
  for (const { digest } of manifests) assert.ok(registry.manifests.has(`o/time/${digest}`))
})

test('what is there is not sent again', async () => {
  await using registry = await startRegistry()
  registry.blobs.set(digestOf(config), config)
  assert.deepEqual((await push(registry)).states, ['there', 'sent', 'sent', 'sent'])
  registry.requests.length = 0
  assert.deepEqual((await push(registry)).states, Array(4).fill('there'))
  assert.ok(registry.requests.every((request) => !request.includes('/uploads/')))
})

const account = 'ops:pass'
const login: SessionOptions['login'] = () => Promise.resolve(ok({ user: 'ops', password: 'pass' }))

test('the login gets a token for this repository, and a new one when it is used up', async () => {
  await using registry = await startRegistry({ account, tokenUses: 3 })
  assert.equal((await push(registry, { login })).text, 'ok')
  assert.ok(registry.requests.filter((request) => request === 'GET /token').length > 2)
})

test('the token is sent to the registry, and not where it lets uploads go', async () => {
  const told: (string | undefined)[] = []
  await using elsewhere = await startRegistry({
    before(request, response) {
      told.push(request.headers.authorization)
      request.resume()
      response.writeHead(201).end()
      return true
    },
  })
  await using registry = await startRegistry({
    account,
    before(request, response) {
      if (request.method !== 'POST' || request.headers.authorization === undefined) return false
      response.writeHead(202, { location: `http://${elsewhere.host}/upload` }).end()
      return true
    },
  })
  assert.equal((await push(registry, { login })).text, 'ok')
  assert.deepEqual(told, Array(4).fill(undefined))
})

const cases: readonly (readonly [string, RegistryTraits, RegExp, Partial<SessionOptions>?])[] = [
  ['nobody is logged in', { account }, /wants to know who asks .*: docker login R$/],
  [
    'the login may not',
    toLayers(403, {}, '{"errors":[{"code":"DENIED","message":"read\\u001b[1m only"}]}'),
    /^R does not let ops have or change layer sha256:\w+… of R\/o\/time: read only$/,
    { login },
  ],
  ['the login is wrong', { account: 'other:x' }, /gives no token \(HTTP 401\)$/, { login }],
  ['a proxy limits bodies', toLayers(413), /^R, or a proxy before it, takes nothing as large as/],
  ['it has too much to do', toLayers(429, { 'retry-after': '30' }), /429\): again in 30 s$/],
  ['there is no such repository', toLayers(404), /^R has no o\/time, and makes none by itself$/],
  ['it breaks down', toLayers(500), /^R answered HTTP 500 to layer/],
  [
    'it names no place',
    {
      before(request, response) {
        if (request.method === 'POST') response.writeHead(202).end()
        return request.method === 'POST'
      },
    },
    /names no place where a layer may be sent$/,
  ],
  [
    'it keeps something else',
    {
      before(request, response) {
        const isTag = request.method === 'GET' && request.url?.endsWith('/manifests/1') === true
        if (isTag) response.writeHead(200).end('{}')
        return isTag
      },
    },
    /has something else than sha256:\w+ under 1 after the push$/,
  ],
  ['it is silent', { before: () => true }, /^R: no answer within 1 s$/, { silenceMs: 200 }],
]
for (const [name, traits, expected, change] of cases) {
  test(`a push where ${name} is refused with words`, async () => {
    const isLogin = change?.login !== undefined && traits.account === undefined
    const asked = isLogin ? askingFirst(traits) : traits
    assert.match(await refused(asked, change), expected)
  })
}

/** Whoever is refused was known before. */
function askingFirst(traits: RegistryTraits): RegistryTraits {
  return { ...traits, account }
}

test("what no longer listens is the end of it, at the operator's word", async () => {
  const stop = new AbortController()
  const before = (): boolean => {
    stop.abort()
    return true
  }
  assert.equal(await refused({ before }, { signal: stop.signal }), 'interrupted')
})
