/** The HTTP API: `/api/*`, its OpenAPI document, and `/mcp`. `/health` and `/metrics` are elsewhere. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Log } from '../log.ts'
import { version } from '../version.ts'
import { refusePages, requireKey } from './access.ts'
import type { Answers } from './answers.ts'
import {
  errorSchema,
  gpsStatusSchema,
  leapStatusSchema,
  nanosSchema,
  ntpPeersSchema,
  ntpStatusSchema,
  timeSchema,
  timezonesSchema,
  uncertaintySchema,
  unixSchema,
} from './schemas.ts'

/** What the app is made of. `mcp` answers one request of the Streamable HTTP transport. */
export interface AppParts {
  readonly answers: Answers
  readonly ring: KeyRing
  readonly mcp: (request: Request) => Promise<Response>
  readonly allowedOrigins: readonly string[]
  readonly log: Log
}

const security: Record<string, string[]>[] = [{ bearer: [] }, { apiKey: [] }]
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  content: { 'application/json': { schema } },
  description,
})
const refusals = {
  401: json(errorSchema, 'No key, or one that does not count'),
  429: json(errorSchema, 'Too many requests with this key'),
}

function read<const Path extends string, T extends z.ZodType>(
  path: Path,
  summary: string,
  schema: T,
) {
  const responses = { 200: json(schema, summary), ...refusals }
  return createRoute({ method: 'get', path, summary, security, responses })
}

const zoneRoute = createRoute({
  method: 'get',
  path: '/api/time/timezone/{tz}',
  summary: 'The time in a time zone',
  security,
  request: {
    params: z.object({
      tz: z.string().openapi({
        param: { name: 'tz', in: 'path' },
        description: 'IANA name or offset; its slashes may be written as they are',
        example: 'Europe/Berlin',
      }),
    }),
  },
  responses: {
    200: json(timeSchema, 'The time in a time zone'),
    404: json(errorSchema, 'The time zone is not known'),
    ...refusals,
  },
})

/** The app; its `fetch` answers one request. */
export function apiApp({ answers, ring, mcp, allowedOrigins, log }: AppParts): OpenAPIHono {
  const app = new OpenAPIHono()
  app.use('/api/*', requireKey(ring, log))
  app.use('/mcp', refusePages(allowedOrigins), requireKey(ring, log))
  app.all('/mcp', (context) => mcp(context.req.raw))
  addReads(app, answers)
  app.get('/api/time/timezone/:tz{.+}', async (context) => {
    const time = await answers.time(context.req.param('tz'))
    if (time.ok) return context.json(time.value, 200)
    return context.json({ error: 'unknown-timezone', message: time.failure }, 404)
  })
  app.openAPIRegistry.registerPath(zoneRoute)
  describe(app)
  app.all('*', (context) => {
    const isRead = context.req.method === 'GET' || context.req.method === 'HEAD'
    const isKnown = app.routes.some(
      ({ method, path }) => method === 'GET' && path === context.req.path,
    )
    return isKnown && !isRead
      ? context.json({ error: 'method-not-allowed' }, 405, { allow: 'GET, HEAD' })
      : context.json({ error: 'not-found' }, 404)
  })
  app.onError((error, context) => {
    log('error', 'request failed', { path: context.req.path, error: String(error.stack) })
    return context.json({ error: 'internal', message: 'see the log' }, 500)
  })
  return app
}

function addReads(app: OpenAPIHono, answers: Answers): void {
  app.openapi(read('/api/time', 'The time in UTC', timeSchema), async (context) =>
    context.json(await answers.utc(), 200),
  )
  app.openapi(read('/api/unix', 'Unix seconds and nanoseconds', unixSchema), async (context) =>
    context.json(await answers.unix(), 200),
  )
  app.openapi(read('/api/nanos', 'Nanoseconds since 1970', nanosSchema), async (context) =>
    context.json(await answers.nanos(), 200),
  )
  app.openapi(read('/api/timezones', 'All time zones', timezonesSchema), (context) =>
    context.json(answers.timezones(''), 200),
  )
  app.openapi(
    read('/api/time/uncertainty', 'How far from UTC the time can be', uncertaintySchema),
    async (context) => context.json(await answers.uncertainty(), 200),
  )
  app.openapi(read('/api/ntp/status', 'The NTP daemon', ntpStatusSchema), async (context) =>
    context.json(await answers.ntpStatus(), 200),
  )
  app.openapi(read('/api/ntp/peers', 'Its sources', ntpPeersSchema), async (context) =>
    context.json(await answers.ntpPeers(), 200),
  )
  app.openapi(read('/api/gps/status', 'The GPS receiver', gpsStatusSchema), async (context) =>
    context.json(await answers.gpsStatus(), 200),
  )
  app.openapi(
    read('/api/leap-second/status', 'Leap seconds and their list', leapStatusSchema),
    async (context) => context.json(await answers.leapStatus(), 200),
  )
}

function describe(app: OpenAPIHono): void {
  const schemes = app.openAPIRegistry
  schemes.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  schemes.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
  })
  const info = { title: 'Timeball time server', version }
  let document: string | null = null
  app.get('/api/openapi.json', (context) => {
    document ??= JSON.stringify(app.getOpenAPI31Document({ openapi: '3.1.0', info }))
    return context.body(document, 200, { 'content-type': 'application/json' })
  })
}
