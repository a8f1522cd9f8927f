import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { RegistryAccess } from './registry-access.ts'
import { parseChallenge } from './registry-token.ts'
import { resolveDigest } from './registry.ts'

const manifest = '{"schemaVersion":2}'
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`

interface FakeRegistry extends AsyncDisposable {
  readonly host: string
  /** Method, path and Authorization of each request. */
  readonly requests: string[]
}

type Answer = (request: IncomingMessage, response: ServerResponse, host: string) => void

async function serve(answer: Answer): Promise<FakeRegistry> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    requests.push(`${method} ${url} ${headers.authorization ?? '-'}`)
    answer(request, response, headers.host ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    host: `127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function resolve(text: string, change: Partial<RegistryAccess> = {}): Promise<string> {
  const signal = new AbortController().signal
  const access = { plainHttp: true, credentials: null, timeoutMs: 10_000, signal, ...change }
  return resolveDigest(text, access).then((result) =>
    result.ok ? result.value : result.failure.code,
  )
}

/** A registry that wants a token, and its token service. */
const tokenRegistry: Answer = (request, response, host) => {
  if (request.url?.startsWith('/token') === true) {
    response.end(JSON.stringify({ token: 'T0k' }))
  } else if (request.headers.authorization === 'Bearer T0k') {
    response.setHeader('docker-content-digest', digest).end(manifest)
  } else {
    const challenge = `Bearer realm="http://${host}/token",service="reg, one",scope="admin:*"`
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  }
}

test('what was sent is hashed, and one request is enough', async () => {
  await using registry = await serve((_, response) => {
    response.setHeader('docker-content-digest', digest).end(manifest)
  })
  assert.equal(await resolve(`${registry.host}/o/server:1.2`), digest)
  assert.deepEqual(registry.requests, ['GET /v2/o/server/manifests/1.2 -'])
})

test('a registry that keeps its manifests elsewhere is followed, without the token', async () => {
  await using elsewhere = await serve((_, response) => {
    response.setHeader('docker-content-digest', digest).end(manifest)
  })
  await using registry = await serve((request, response, host) => {
    if (request.headers.authorization !== 'Bearer T0k') tokenRegistry(request, response, host)
    else response.writeHead(307, { location: `http://${elsewhere.host}/m` }).end()
  })
  assert.equal(await resolve(`${registry.host}/o/server:1.2`), digest)
  assert.deepEqual(elsewhere.requests, ['GET /m -'])
})

test('indexes and manifests of both formats are accepted', async () => {
  let accept = ''
  await using registry = await serve((request, response) => {
    accept = request.headers.accept ?? ''
    response.setHeader('docker-content-digest', digest).end(manifest)
  })
  await resolve(`${registry.host}/a`)
  assert.match(accept, /oci\.image\.index.*manifest\.list.*oci\.image\.manifest.*manifest\.v2/)
})

test('the digest header is optional, and any bytes have a digest', async () => {
  const bytes = Buffer.from('{"schemaVersion":2,\xff}', 'latin1')
  await using registry = await serve((_, response) => void response.end(bytes))
  const expected = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  assert.equal(await resolve(`${registry.host}/a`), expected)
})

test('a registry that says another digest than that of what it sends is not believed', async () => {
  for (const said of [`sha256:${'0'.repeat(64)}`, 'sha256:../../x']) {
    await using registry = await serve((_, response) => {
      response.setHeader('docker-content-digest', said).end(manifest)
    })
    assert.equal(await resolve(`${registry.host}/a`), 'protocol')
  }
})

test('a token is fetched for reading this repository, and nothing else', async () => {
  await using registry = await serve(tokenRegistry)
  assert.equal(await resolve(`${registry.host}/o/server:1`), digest)
  assert.deepEqual(registry.requests, [
    'GET /v2/o/server/manifests/1 -',
    'GET /token?service=reg%2C+one&scope=repository%3Ao%2Fserver%3Apull -',
    'GET /v2/o/server/manifests/1 Bearer T0k',
  ])
})

test('credentials are sent to the token service only', async () => {
  await using registry = await serve(tokenRegistry)
  const credentials = { user: 'ops', password: 'pass' }
  assert.equal(await resolve(`${registry.host}/a`, { credentials }), digest)
  assert.deepEqual(
    registry.requests.map((request) => request.split(' ').slice(2).join(' ')),
    ['-', 'Basic b3BzOnBhc3M=', 'Bearer T0k'],
  )
})

test('an identity token gets a token, in a body and nowhere else', async () => {
  const forms: string[] = []
  await using registry = await serve((request, response, host) => {
    if (request.method !== 'POST') return tokenRegistry(request, response, host)
    void text(request).then((form) => {
      forms.push(form)
      response.end(JSON.stringify({ access_token: 'T0k' }))
    })
  })
  const credentials = { user: 'x', password: 'r3fresh', kind: 'identity token' } as const
  assert.equal(await resolve(`${registry.host}/a`, { credentials }), digest)
  assert.deepEqual(forms, [
    'service=reg%2C+one&scope=repository%3Aa%3Apull&grant_type=refresh_token&client_id=timeball&refresh_token=r3fresh',
  ])
  assert.deepEqual(registry.requests, [
    'GET /v2/a/manifests/latest -',
    'POST /token -',
    'GET /v2/a/manifests/latest Bearer T0k',
  ])
})

const basicRegistry: Answer = (request, response) => {
  if (request.headers.authorization === 'Basic b3BzOnBhc3M=') {
    response.setHeader('docker-content-digest', digest).end(manifest)
  } else {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
  }
}

test('a registry with passwords is asked with them', async () => {
  await using registry = await serve(basicRegistry)
  const reference = `${registry.host}/a`
  assert.equal(await resolve(reference, { credentials: { user: 'ops', password: 'pass' } }), digest)
  assert.equal(
    await resolve(reference, { credentials: { user: 'ops', password: 'x' } }),
    'unauthorized',
  )
  assert.equal(await resolve(reference), 'unauthorized')
})

for (const { name, answer, code } of [
  { name: 'a missing image', answer: status(404), code: 'not-found' },
  { name: 'a refusal', answer: status(403), code: 'unauthorized' },
  { name: 'a limit', answer: status(429), code: 'rate-limited' },
  { name: 'a broken registry', answer: status(500), code: 'protocol' },
  { name: 'a 401 without a challenge', answer: status(401), code: 'protocol' },
  { name: 'an endless manifest', answer: endless, code: 'protocol' },
  { name: 'a truncated manifest', answer: truncated, code: 'unreachable' },
]) {
  test(`${name} is ${code}`, async () => {
    await using registry = await serve(answer)
    assert.equal(await resolve(`${registry.host}/a`), code)
  })
}

function status(code: number): Answer {
  return (_, response) => void response.writeHead(code).end()
}

function truncated(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '1000' }).write('{"schemaVersion":2,')
  response.socket?.end()
}

function endless(_: IncomingMessage, response: ServerResponse): void {
  const chunk = ' '.repeat(65_536)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk)) continue
  }
  response.on('drain', more)
  more()
}

test('a token that is not fit for a header is not sent', async () => {
  await using registry = await serve((request, response, host) => {
    if (request.url?.startsWith('/token') === true) response.end('{"token":"a\\r\\nb"}')
    else tokenRegistry(request, response, host)
  })
  assert.equal(await resolve(`${registry.host}/a`), 'protocol')
})

test('silence is unreachable', async () => {
  await using registry = await serve(() => {})
  assert.equal(await resolve(`${registry.host}/a`, { timeoutMs: 50 }), 'unreachable')
})

test('plain HTTP is never spoken unless asked for', async () => {
  await using registry = await serve(status(200))
  assert.equal(await resolve(`${registry.host}/a`, { plainHttp: false }), 'unreachable')
  assert.deepEqual(registry.requests, [])
})

test('a name with a digest is answered without asking', async () => {
  assert.equal(await resolve(`registry.invalid/a:1@${digest}`), digest)
})

test('a name that is not one is a bad reference', async () => {
  assert.equal(await resolve('https://a/b'), 'bad-reference')
})

test('a challenge is read with commas and quotes inside its values', () => {
  const { scheme, parameters } = parseChallenge(
    'BEARER realm="https://auth.example/t?a=1,2" , service=reg,scope="a \\"b\\""',
  )
  assert.equal(scheme, 'bearer')
  assert.deepEqual(Object.fromEntries(parameters), {
    realm: 'https://auth.example/t?a=1,2',
    service: 'reg',
    scope: 'a "b"',
  })
})
