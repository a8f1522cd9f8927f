/** What the controller answers over HTTP: the API, and what Prometheus and alerts ask for. */
import { Hono } from 'hono'
import type { TokenCheck } from '../app/serve/check-tokens.ts'
import type { Access, ListenRequest } from '../app/serve/listening.ts'
import { alertNames, type AlertName } from '../core/monitoring/alert-names.ts'
import { formatControllerMetrics } from '../core/controller/metrics.ts'
import { scrapeTargets } from '../core/controller/targets.ts'
import { expositionFor } from '@timeball/lib/exposition.ts'
import { apiApp, apiPath } from './api/api-app.ts'
import type { ApiEnv } from './api/env.ts'
import { guard, isBearer, securityHeaders } from './guard.ts'
import { jsonAnswer } from './json-answer.ts'
import { addPage, pagePaths, type PageFile } from './page.ts'

export interface AppParts extends Pick<
  ListenRequest,
  'controller' | 'api' | 'access' | 'tokens' | 'log'
> {
  readonly version: string
  /** The text of docs/runbooks; `null` where there is none. */
  readonly runbook: (name: AlertName) => Promise<string | null>
  /** The text of docs/worst-nights.md, to which runbooks link. */
  readonly worstNights: () => Promise<string | null>
  /** A file of the page; `null` where the program runs without one. */
  readonly page: (name: PageFile) => Promise<string | null>
}

const paths: readonly string[] = [
  ...pagePaths,
  '/health',
  '/healthz',
  '/readyz',
  '/metrics',
  '/sd',
  '/runbooks/ALERT.md',
  '/worst-nights.md',
  apiPath,
]

/** For supervisors: without a token, and nothing about the fleet. */
function addHealth(app: Hono<ApiEnv>, controller: AppParts['controller']): void {
  app.get('/health', (context) => {
    const { status, sweepAgeSeconds } = controller.health()
    const body = { status, sweep_age_seconds: sweepAgeSeconds }
    return jsonAnswer(context, status === 'ok' ? 200 : 503, body)
  })
  // Who starts it anew when it is stuck asks the first, who waits until it knows something the second.
  app.get('/healthz', (context) => {
    const { status } = controller.health()
    return jsonAnswer(context, status === 'stalled' ? 503 : 200, { status })
  })
  app.get('/readyz', (context) => {
    const { status } = controller.health()
    return jsonAnswer(context, status === 'ok' ? 200 : 503, { status })
  })
}

/** Its `fetch` answers one request; no port is needed. */
export function controllerApp({
  controller,
  api,
  access,
  tokens,
  log,
  ...pages
}: AppParts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  app.use(securityHeaders)
  addHealth(app, controller)
  // Alerts link here, and a browser that follows has no token: the texts are those of the project.
  app.get('/runbooks/:file', async (context) => {
    const name = alertNames.find((each) => `${each}.md` === context.req.param('file'))
    const text = name === undefined ? null : await pages.runbook(name)
    if (text !== null) return context.text(text)
    return jsonAnswer(context, 404, { error: 'not-found', message: 'no alert has this runbook' })
  })
  app.get('/worst-nights.md', async (context) => {
    const text = await pages.worstNights()
    return text === null ? context.notFound() : context.text(text)
  })
  addPage(app, pages.page)
  const hosts = access.kind === 'local' ? 'local' : 'any'
  const { version } = pages
  app.route(
    apiPath,
    apiApp({ ...api, ...callersOf(access, tokens), version, hosts, controller, log }),
  )
  app.use(guard(access, log))
  app.get('/metrics', async (context) => {
    const gauges = formatControllerMetrics(await controller.view())
    const { type, text } = expositionFor(context.req.header('accept') ?? '', gauges)
    return context.body(text, 200, { 'content-type': type, vary: 'accept' })
  })
  app.get('/sd', async (context) => {
    const { fleet } = await controller.view()
    return jsonAnswer(context, 200, scrapeTargets(fleet.name, fleet.devices))
  })
  app.all('*', (context) =>
    paths.includes(context.req.path)
      ? jsonAnswer(context, 405, { error: 'method-not-allowed' }, { allow: 'GET, HEAD' })
      : jsonAnswer(context, 404, { error: 'not-found', message: `there are ${paths.join(', ')}` }),
  )
  app.onError((error, context) => {
    log(`a request failed: ${context.req.path}: ${error.stack ?? error.message}`)
    return jsonAnswer(context, 500, { error: 'internal', message: 'see the log' })
  })
  return app
}

/** The token of `--token-file` is a viewer's, too. */
function callersOf(access: Access, tokens: TokenCheck): TokenCheck {
  if (access.kind === 'local') return tokens
  const ofFile = { name: 'token-file', role: 'viewer' } as const
  return {
    bearer: async (text) => (isBearer(access.token, text) ? ofFile : await tokens.bearer(text)),
    isStill: async (caller) => caller.name === ofFile.name || (await tokens.isStill(caller)),
  }
}
