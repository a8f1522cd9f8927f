/** What the controller answers over HTTP. It only reads: there is nothing here that changes anything. */
import { Hono } from 'hono'
import type { ListenRequest } from '../app/serve/listening.ts'
import { formatControllerMetrics } from '../core/controller/metrics.ts'
import { scrapeTargets } from '../core/controller/targets.ts'
import { expositionType } from '../core/exposition.ts'
import { guard, securityHeaders } from './guard.ts'

export type AppParts = Pick<ListenRequest, 'controller' | 'access' | 'log'>

const paths: readonly string[] = ['/health', '/metrics', '/sd']

/** Its `fetch` answers one request; no port is needed. */
export function controllerApp({ controller, access, log }: AppParts): Hono {
  const app = new Hono()
  app.use(securityHeaders)
  // Tells a supervisor whether the controller runs, and nothing about the fleet.
  app.get('/health', (context) => {
    const health = controller.health()
    return context.json(healthAnswer(health), health.status === 'ok' ? 200 : 503)
  })
  app.use(guard(access))
  app.get('/metrics', (context) =>
    context.body(formatControllerMetrics(controller.view()), 200, {
      'content-type': expositionType,
    }),
  )
  app.get('/sd', (context) => context.json(scrapeTargets(controller.view().fleet)))
  app.all('*', (context) =>
    paths.includes(context.req.path)
      ? context.json({ error: 'method-not-allowed' }, 405, { allow: 'GET, HEAD' })
      : context.json({ error: 'not-found', message: `there are ${paths.join(', ')}` }, 404),
  )
  app.onError((error, context) => {
    log(`a request failed: ${context.req.path}: ${error.stack ?? error.message}`)
    return context.json({ error: 'internal', message: 'see the log' }, 500)
  })
  return app
}

function healthAnswer({
  status,
  sweepAgeSeconds,
}: ReturnType<AppParts['controller']['health']>): Readonly<Record<string, unknown>> {
  return { status, sweep_age_seconds: sweepAgeSeconds }
}
