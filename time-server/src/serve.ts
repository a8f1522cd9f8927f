/** Puts the time server together: a daemon and a receiver to ask, two ports to answer on. */
import { getRequestListener } from '@hono/node-server'
import { gpsdClient } from '@timeball/clock/gpsd/client.ts'
import type { GpsdClient } from '@timeball/clock/gpsd/client.ts'
import { answersFrom, uncertaintyOf } from './api/answers.ts'
import type { Answers } from './api/answers.ts'
import { apiApp } from './api/app.ts'
import { askingAgain, daemonReader } from './daemon/read-daemon.ts'
import { expositionType } from '@timeball/lib/exposition.ts'
import type { Metric } from '@timeball/lib/exposition.ts'
import type { Moment } from './gps/good-fix.ts'
import { decideGpsStatus, noGps } from './gps/gps-status.ts'
import { decideHealth } from './health.ts'
import { boardMetrics, gpsMetrics, leapMetrics, uncertaintyMetric } from './host-metrics.ts'
import { readBoard } from './host/board.ts'
import { disciplinesReader } from './host/other-disciplines.ts'
import { httpServer, jsonAnswer, listen, nothingElse } from './http.ts'
import type { HttpParts, Routes } from './http.ts'
import { keyRing } from './keys/key-ring.ts'
import { watchKeys } from './keys/watch-keys.ts'
import type { KeysWatch } from './keys/watch-keys.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { Log } from './log.ts'
import { mcpHandler } from './mcp/handler.ts'
import { formatMetrics } from './metrics.ts'
import { observer } from './observe.ts'
import type { Observation } from './observe.ts'
import { requestTimes } from './request-times.ts'
import { oncePerLook, timeRoutes } from './routes.ts'
import type { Settings } from './settings.ts'
import { leapFileReader } from './time/leap-file.ts'
import { version } from './version.ts'

/** A running server. */
export interface RunningServer {
  readonly httpPort: number
  readonly metricsPort: number
  /** Looks at the keys' file now; nothing without one. */
  reloadKeys(): Promise<void>
  /** Stops listening and ends open connections. */
  close(): Promise<void>
}

/** What can be asked, without any port. */
export interface Inside {
  readonly look: () => Promise<Observation>
  readonly answers: Answers
  /** Beside those of health. */
  metrics(observation: Observation): Promise<readonly Metric[]>
  close(): void
}

const keysIntervalMs = 1000

/** Asks daemon and receiver; for `serve`, and for MCP over stdio. */
export function startInside(settings: Settings): Inside {
  const gpsd: GpsdClient | null = settings.hasGps ? gpsdClient(settings.gpsd) : null
  const chronyPid = settings.ntpDaemon === 'chronyd' ? '/run/chrony/chronyd.pid' : null
  const ntpdPidFile = settings.ntpdPidFile ?? chronyPid
  const look = observer({
    daemon: askingAgain(daemonReader(settings)),
    discipline: { ...settings, ntpdPidFile, procPath: '/proc' },
    diskPath: settings.diskPath,
    gps: () => (gpsd === null ? noGps : decideGpsStatus(gpsd.view(), thisMoment())),
    others: disciplinesReader('/proc'),
  })
  const leapList = leapFileReader(settings.leapFile)
  const context = { ...settings, version }
  return {
    look,
    answers: answersFrom({ look, leapList, context }),
    async metrics(observation) {
      const [board, list] = [await readBoard('/sys'), await leapList()]
      const nowSeconds = Temporal.Now.instant().epochMilliseconds / 1000
      return [
        uncertaintyMetric(uncertaintyOf(observation, context).boundMs),
        ...gpsMetrics(observation.gps),
        ...boardMetrics(board),
        ...leapMetrics(list.ok ? list.value : null, nowSeconds),
      ]
    },
    close: () => gpsd?.close(),
  }
}

function thisMoment(): Moment {
  return { monotonicMs: performance.now(), unixMs: Temporal.Now.instant().epochMilliseconds }
}

/** Starts answering. Rejects when a port cannot be had. */
export async function serve(settings: Settings, log: Log): Promise<RunningServer> {
  const inside = startInside(settings)
  const { ring, watch } = await startKeys(settings, log)
  const mcp = mcpHandler(inside.answers, log)
  const { allowedOrigins } = settings
  const app = apiApp({ answers: inside.answers, ring, mcp: mcp.fetch, allowedOrigins, log })
  const times = requestTimes()
  const context = { ...settings, version }
  const health: Routes = new Map([
    ...timeRoutes(inside.answers, ring),
    [
      '/health',
      oncePerLook(inside.look, async (observation) => {
        const body = decideHealth(observation, context)
        return jsonAnswer(body.status === 'unhealthy' ? 503 : 200, body)
      }),
    ],
  ])
  const metrics: Routes = new Map([
    [
      '/metrics',
      oncePerLook(inside.look, async (observation) => {
        const others = [...(await inside.metrics(observation)), times.metric()]
        const body = formatMetrics(observation, decideHealth(observation, context), others)
        return { status: 200, type: expositionType, body }
      }),
    ],
  ])
  const onDone: HttpParts['onDone'] = (...done) => times.record(...done)
  const ports = await listenAll(
    settings,
    { routes: health, rest: getRequestListener(app.fetch), onDone },
    { routes: metrics, rest: nothingElse, onDone },
  )
  return {
    ...ports,
    reloadKeys: async () => watch?.look(),
    async close() {
      watch?.stop()
      inside.close()
      await Promise.all([ports.close(), mcp.close()])
    },
  }
}

/**
 * With a keys' file nobody is ever let in without a key. Until the file could be read, the keys of
 * the environment count.
 */
async function startKeys(
  settings: Settings,
  log: Log,
): Promise<{ readonly ring: KeyRing; readonly watch: KeysWatch | null }> {
  const { apiKeys: keys, apiKeysFile: path, apiRatePerMinute: perMinute } = settings
  const ring = keyRing({ keys, mode: path === null ? 'open' : 'closed', perMinute })
  if (path === null) return { ring, watch: null }
  const watch = watchKeys({ path, ring, log, intervalMs: keysIntervalMs })
  await watch.look()
  await watch.look()
  return { ring, watch }
}

type Ports = Pick<RunningServer, 'httpPort' | 'metricsPort' | 'close'>

async function listenAll(settings: Settings, http: HttpParts, metrics: HttpParts): Promise<Ports> {
  const servers = [httpServer(http), httpServer(metrics)] as const
  const { bindAddress } = settings
  const httpPort = await listen(servers[0], bindAddress, settings.httpPort)
  const metricsPort = await listen(servers[1], bindAddress, settings.metricsPort)
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
