/** Every route of the router keeps the policy of the API; one without a policy fails here. */
import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { z } from 'zod'
import { roles } from '../../core/controller/roles.ts'
import { anApi, as } from './test/parts.ts'
import { mostBodyBytes } from './policy.ts'

/** A new one has answered nobody yet: rates do not matter here. */
let api = anApi()
beforeEach(() => {
  api = anApi()
})
const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
const operationSchema = z.object({ 'x-role': z.enum(roles) })
const info = { openapi: '3.1.0', info: { title: 'test', version: '1' } }
const { paths = {} } = api.getOpenAPI31Document(info)

interface Route {
  readonly method: string
  /** With a value for each parameter. */
  readonly path: string
  readonly pattern: string
}

/** As the router has them: what only the document knew would not be tried. */
const routes = [
  ...new Map(
    api.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/openapi.json')
      .map(({ method, path }): [string, Route] => [
        `${method} ${path}`,
        { method, pattern: path, path: path.replaceAll(/:\w+/g, 'pi-gps-01') },
      ]),
  ).values(),
]

function roleOf({ method, pattern }: Route): (typeof roles)[number] {
  const path = paths[pattern.replaceAll(/:(\w+)/g, '{$1}')]
  const known = methods.find((each) => each === method.toLowerCase())
  assert.ok(known !== undefined && path !== undefined, `${method} ${pattern} is in no document`)
  return operationSchema.parse(path[known])['x-role']
}

async function codeOf(answer: Response): Promise<unknown> {
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  return z.object({ code: z.string() }).parse(await answer.json()).code
}

test('the router has routes', () => {
  assert.ok(routes.length >= 3, String(routes.length))
})

for (const route of [...routes, { method: 'GET', path: '/openapi.json', pattern: '' }]) {
  const { method, path, pattern } = route
  describe(`${method} ${pattern === '' ? path : pattern}`, () => {
    test('asks for a token, before it looks at anything', async () => {
      for (const authorization of ['', 'Bearer', 'Bearer nobody', 'Basic admin', 'admin']) {
        const answer = await api.request(`${path}?token=admin`, {
          method,
          headers: { host: 'localhost', authorization },
          ...(method === 'GET' ? {} : { body: 'x'.repeat(mostBodyBytes + 1) }),
        })
        assert.equal(answer.status, 401)
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="timeball"')
        assert.equal(await codeOf(answer), 'unauthorised')
      }
    })

    test('answers no page of another site, and no other name', async () => {
      const forged = [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ]
      for (const headers of forged) {
        const answer = await api.request(path, { method, headers: { ...as('admin'), ...headers } })
        assert.equal(answer.status, 403)
        assert.equal(await codeOf(answer), 'origin')
      }
      const headers = { ...as('admin'), host: 'evil.example' }
      assert.equal((await api.request(path, { method, headers })).status, 421)
    })

    if (pattern === '') return

    test('has a role, and refuses those below it', async () => {
      const needed = roleOf(route)
      for (const role of roles.slice(0, roles.indexOf(needed))) {
        const answer = await api.request(path, { method, headers: as(role) })
        assert.equal(answer.status, 403)
        assert.equal(await codeOf(answer), 'role')
      }
      const answer = await api.request(path, { method, headers: as(needed) })
      assert.ok(![401, 403, 405, 500].includes(answer.status), String(answer.status))
      // What is named in the path need not be there, but the route is.
      if (answer.status === 404) assert.doesNotMatch(await answer.text(), /no such resource/)
      else await answer.body?.cancel()
    })

    test('says which methods it takes', async () => {
      const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
        (each) => !routes.some((other) => other.pattern === pattern && other.method === each),
      )
      for (const other of others) {
        const answer = await api.request(path, { method: other, headers: as('admin') })
        assert.equal(answer.status, 405, other)
        assert.ok(answer.headers.get('allow')?.includes(method))
      }
    })

    test('changes something only where more than a viewer is needed', () => {
      assert.ok(method === 'GET' || roleOf(route) !== 'viewer')
    })
  })
}
