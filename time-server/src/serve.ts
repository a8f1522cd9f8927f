/** Puts the time server together: a daemon to ask, two ports to answer on. */
import { controlClient } from '@timeball/clock/control/client.ts'
import { expositionType } from './exposition.ts'
import { decideHealth } from './health.ts'
import { httpServer, jsonAnswer, listen } from './http.ts'
import type { Routes } from './http.ts'
import { formatMetrics } from './metrics.ts'
import { observer } from './observe.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

/** A running server. */
export interface RunningServer {
  readonly httpPort: number
  readonly metricsPort: number
  /** Stops listening and ends open connections. */
  close(): Promise<void>
}

/** ntpd is on this host and answers within a few ms; a stopped one costs a request two of these. */
const controlTimeoutMs = 500

/** Starts answering. Rejects when a port cannot be had. */
export async function serve(settings: Settings): Promise<RunningServer> {
  const look = observer({
    client: controlClient({
      host: settings.ntpHost,
      port: settings.ntpPort,
      timeoutMs: controlTimeoutMs,
    }),
    discipline: { ...settings, procPath: '/proc' },
    diskPath: settings.diskPath,
  })
  const context = { ...settings, version }
  const health: Routes = new Map([
    [
      '/health',
      async () => {
        const body = decideHealth(await look(), context)
        return jsonAnswer(body.status === 'unhealthy' ? 503 : 200, body)
      },
    ],
  ])
  const metrics: Routes = new Map([
    [
      '/metrics',
      async () => {
        const observation = await look()
        const body = formatMetrics(observation, decideHealth(observation, context))
        return { status: 200, type: expositionType, body }
      },
    ],
  ])
  return listenAll(settings, health, metrics)
}

async function listenAll(
  settings: Settings,
  health: Routes,
  metrics: Routes,
): Promise<RunningServer> {
  const servers = [httpServer(health), httpServer(metrics)] as const
  const [http, metricsHttp] = servers
  const httpPort = await listen(http, settings.bindAddress, settings.httpPort)
  const metricsPort = await listen(metricsHttp, settings.bindAddress, settings.metricsPort)
  return {
    httpPort,
    metricsPort,
    async close() {
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise((resolve) => server.close(resolve))
          server.closeAllConnections()
          return closed
        }),
      )
    },
  }
}
