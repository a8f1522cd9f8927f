/** `/api/v1`: one contract for programs, the page and the command line, described by its own document. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { addAudit } from './audit.ts'
import { authenticate, noPages } from './authenticate.ts'
import { addClocks } from './clocks.ts'
import { addDevices } from './devices.ts'
import type { ApiEnv } from './env.ts'
import { addEvents } from './events.ts'
import { addFleet } from './fleet.ts'
import type { ApiParts } from './parts.ts'
import { addRequests } from './requests.ts'
import { addRollouts } from './rollouts.ts'
import { problem } from './problem.ts'

/** Where the API is below the server. */
export const apiPath = '/api/v1'

export interface ApiOptions extends ApiParts {
  readonly version: string
  /** `local`: only requests for this machine's own names are answered. */
  readonly hosts: 'local' | 'any'
}

export function apiApp({ version, hosts, ...parts }: ApiOptions): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>({
    defaultHook(result, context) {
      if (result.success) return undefined
      const errors = result.error.issues.map(({ path, message }) => ({
        where: [result.target, ...path].join('.'),
        what: message,
      }))
      const detail = errors[0]?.what ?? 'the request is not as the document says'
      return problem(context, 400, { code: 'invalid', detail, hint: documentHint, errors })
    },
  })
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
  })
  api.use(noPages(hosts), authenticate(parts))
  addFleet(api, parts)
  addDevices(api, parts)
  addClocks(api, parts)
  addRollouts(api, parts)
  addRequests(api, parts)
  addEvents(api, parts)
  addAudit(api, parts)
  let document: ReturnType<typeof documentOf> | null = null
  api.get('/openapi.json', (context) => {
    document ??= documentOf(api, version)
    return context.json(document, 200)
  })
  refuseMethods(api)
  api.all('*', (context) =>
    problem(context, 404, {
      code: 'not-found',
      detail: 'there is no such resource',
      hint: documentHint,
    }),
  )
  api.onError((error, context) => {
    if (error instanceof HTTPException && error.status === 400) {
      return problem(context, 400, { code: 'malformed', detail: error.message, hint: documentHint })
    }
    parts.log(`a request failed: ${context.req.path}: ${error.stack ?? error.message}`)
    return problem(context, 500, { code: 'internal', detail: 'see the log of the controller' })
  })
  return api
}

const documentHint = `${apiPath}/openapi.json says what there is`

/** What the API is, for programs. */
export function documentOf(api: OpenAPIHono<ApiEnv>, version: string) {
  const info = {
    title: 'Timeball',
    version,
    description: 'The controller of a fleet of UTC time servers.',
    license: { name: 'MIT', identifier: 'MIT' },
  }
  return api.getOpenAPI31Document({ openapi: '3.1.0', info, servers: [{ url: apiPath }] })
}

/** A path that is there answers other methods with those that it has. */
function refuseMethods(api: OpenAPIHono<ApiEnv>): void {
  const own = api.routes.filter(({ method, path }) => method !== 'ALL' && path !== '/*')
  for (const [path, routes] of Map.groupBy(own, (route) => route.path)) {
    const methods = new Set(routes.map(({ method }) => method))
    if (methods.has('GET')) methods.add('HEAD')
    const allow = [...methods].toSorted().join(', ')
    api.all(path, (context) =>
      problem(
        context,
        405,
        { code: 'method-not-allowed', detail: `this takes ${allow}` },
        { allow },
      ),
    )
  }
}
