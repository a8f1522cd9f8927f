import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../core/secrets/secret.ts'
import { aView } from '../core/controller/test/a-view.ts'
import { anApiSource } from './api/test/parts.ts'
import { controllerApp, type AppParts } from './app.ts'

const token = 'a-token-of-the-tests'

function appOf(change: Partial<AppParts> = {}): ReturnType<typeof controllerApp> {
  return controllerApp({
    controller: {
      view: () => Promise.resolve(aView()),
      health: () => ({ status: 'ok', sweepAgeSeconds: 1 }),
    },
    version: '0.1.0',
    api: anApiSource(),
    tokens: { bearer: () => Promise.resolve(null), isStill: () => Promise.resolve(false) },
    access: { kind: 'local' },
    runbook: (name) => Promise.resolve(name === 'Watchdog' ? '# Watchdog\n' : null),
    worstNights: () => Promise.resolve('# The worst nights\n'),
    page: (name) => Promise.resolve(`the file ${name}`),
    log: (line) => assert.fail(line),
    ...change,
  })
}

const logged: string[] = []
const withToken = appOf({
  access: { kind: 'token', token: new Secret('token', token) },
  log: (line) => void logged.push(line),
})
const at = (path: string): string => `http://localhost${path}`
const host = { host: 'localhost:8080' }

test('/metrics is in the text format of Prometheus', async () => {
  const answer = await appOf().request(at('/metrics'), { headers: host })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.match(await answer.text(), /^timeball_quorum_good\{set="stratum1"\} 2$/m)
})

test('/metrics is in OpenMetrics for whoever asks for it, as Prometheus does', async () => {
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5'
  const answer = await appOf().request(at('/metrics'), { headers: { ...host, accept } })
  const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
  assert.equal(answer.headers.get('content-type'), type)
  assert.match(await answer.text(), /^timeball_quorum_good\{set="stratum1"\} 2\n[^]*\n# EOF\n$/m)
})

test('/sd has a target for each device', async () => {
  const answer = await appOf().request(at('/sd'), { headers: host })
  assert.equal(answer.headers.get('content-type'), 'application/json')
  const groups: unknown = await answer.json()
  assert.ok(Array.isArray(groups))
  assert.equal(groups.length, 4)
})

for (const status of ['starting', 'stalled'] as const) {
  test(`a controller that is ${status} is not well`, async () => {
    const controller = {
      view: () => Promise.resolve(aView()),
      health: () => ({ status, sweepAgeSeconds: null }),
    }
    const answer = await appOf({ controller }).request(at('/health'))
    assert.equal(answer.status, 503)
    assert.deepEqual(await answer.json(), { status, sweep_age_seconds: null })
  })
}

const foreign = [
  'evil.example',
  'evil.example:8080',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '127.0.0.1@evil.example',
  '192.168.1.5',
  '',
]
for (const name of foreign) {
  test(`a page that calls this machine "${name}" learns nothing`, async () => {
    for (const path of ['/metrics', '/sd', '/other']) {
      const answer = await appOf().request(at(path), { headers: { host: name } })
      assert.equal(answer.status, 421)
      assert.doesNotMatch(await answer.text(), /pi-gps/)
    }
  })
}

for (const name of ['localhost', 'LOCALHOST:1', '127.0.0.1:8080', '127.1.2.3', '[::1]:9']) {
  test(`${name} is this machine`, async () => {
    const answer = await appOf().request(at('/sd'), { headers: { host: name } })
    assert.equal(answer.status, 200)
  })
}

const refused = [
  '',
  'Bearer',
  'Bearer ',
  `Basic ${token}`,
  `Bearer ${token}x`,
  `Bearer ${token.slice(1)}`,
  token,
]
for (const authorization of refused) {
  test(`"${authorization}" is no token`, async () => {
    for (const path of ['/metrics', '/sd', '/other']) {
      const answer = await withToken.request(at(path), { headers: { authorization } })
      assert.equal(answer.status, 401)
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="timeball"')
      assert.doesNotMatch(await answer.text(), /pi-gps/)
    }
  })
}

test('runbooks are read without a token, and nothing else is found there', async () => {
  const found = await withToken.request(at('/runbooks/Watchdog.md'))
  assert.equal(found.status, 200)
  assert.match(found.headers.get('content-type') ?? '', /^text\/plain/)
  assert.equal(await found.text(), '# Watchdog\n')
  const linked = await withToken.request(at('/worst-nights.md'))
  assert.equal(await linked.text(), '# The worst nights\n')
  for (const file of ['PpsLost.md', 'Other.md', 'Watchdog', '..%2F..%2Fpackage.json']) {
    assert.equal((await withToken.request(at(`/runbooks/${file}`))).status, 404)
  }
})

test('refused tokens are logged, once a minute and without what was tried', () => {
  assert.deepEqual(logged, ['a request without the right token was refused'])
})

test('a token in the address is no token', async () => {
  const answer = await withToken.request(at(`/metrics?token=${token}`))
  assert.equal(answer.status, 401)
})

test('with the token everything is answered, whatever the machine is called', async () => {
  const headers = { authorization: `Bearer ${token}`, host: 'timeball.example' }
  const answer = await withToken.request(at('/metrics'), { headers })
  assert.equal(answer.status, 200)
})

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
for (const method of methods) {
  test(`${method} changes nothing anywhere`, async () => {
    for (const path of ['/health', '/metrics', '/sd']) {
      const answer = await appOf().request(at(path), { method, headers: host })
      assert.equal(answer.status, 405)
      assert.equal(answer.headers.get('allow'), 'GET, HEAD')
    }
  })
}

test('every answer tells browsers to do nothing with it', async () => {
  for (const path of ['/health', '/metrics', '/sd', '/none']) {
    const { headers } = await appOf().request(at(path), { headers: host })
    assert.equal(headers.get('cache-control'), 'no-store', path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.equal(headers.get('access-control-allow-origin'), null)
  }
})

test('a bug is logged with its stack, and the asker learns nothing of it', async () => {
  const lines: string[] = []
  const app = appOf({
    controller: {
      view: () => assert.fail('the secret of the stack'),
      health: () => ({ status: 'ok', sweepAgeSeconds: 0 }),
    },
    log: (line) => void lines.push(line),
  })
  const answer = await app.request(at('/metrics'), { headers: host })
  assert.equal(answer.status, 500)
  assert.doesNotMatch(await answer.text(), /secret/)
  assert.match(lines.join('\n'), /a request failed: \/metrics: .*the secret of the stack\n +at /s)
})
