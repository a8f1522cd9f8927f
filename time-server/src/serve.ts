/** Puts the time server together: a daemon and a receiver to ask, two ports to answer on. */
import type { Server } from 'node:http'
import { gpsdClient } from '@timeball/clock/gpsd/client.ts'
import type { GpsdClient } from '@timeball/clock/gpsd/client.ts'
import { expositionType } from '@timeball/lib/exposition.ts'
import type { Metric } from '@timeball/lib/exposition.ts'
import { answersFrom, uncertaintyOf } from './api/answers.ts'
import type { Answers } from './api/answers.ts'
import { keyGate } from './api/gate.ts'
import { apiRoutes, noRoute } from './api/routes.ts'
import { askingAgain, daemonReader } from './daemon/read-daemon.ts'
import type { Moment } from './gps/good-fix.ts'
import { decideGpsStatus, noGps } from './gps/gps-status.ts'
import { decideHealth } from './health.ts'
import { boardMetrics, gpsMetrics, leapMetrics, uncertaintyMetric } from './host-metrics.ts'
import { readBoard } from './host/board.ts'
import { disciplinesReader } from './host/other-disciplines.ts'
import { jsonAnswer } from './http/answer.ts'
import type { Answer } from './http/answer.ts'
import { corsFor, noCors } from './http/cors.ts'
import { httpServer, listen, nothingElse } from './http/server.ts'
import type { HttpParts, OwnRoute, ReadRoute } from './http/server.ts'
import { keyRing } from './keys/key-ring.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { watchKeys } from './keys/watch-keys.ts'
import type { KeysWatch } from './keys/watch-keys.ts'
import type { Log } from './log.ts'
import { mcpHandler } from './mcp/handler.ts'
import { mcpRoute } from './mcp/route.ts'
import { formatMetrics } from './metrics.ts'
import { observer, withLook } from './observe.ts'
import type { Observation, Observer, Soon } from './observe.ts'
import { refusalCounts } from './refusals.ts'
import { requestTimes } from './request-times.ts'
import type { Settings } from './settings.ts'
import { leapFileReader } from './time/leap-file.ts'
import { nowMicroseconds } from './time/now.ts'
import { zoneDataIn } from './time/zone-data.ts'
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
  readonly observer: Observer
  readonly answers: Answers
  /** Beside those of health. */
  metrics(observation: Observation): Promise<readonly Metric[]>
  close(): void
}

const keysIntervalMs = 1000

/** Asks daemon and receiver; for `serve`, and for MCP over stdio, which has no keys. */
export function startInside(
  settings: Settings,
  keysProblem: () => string | null = () => null,
): Inside {
  const gpsd: GpsdClient | null = settings.hasGps ? gpsdClient(settings.gpsd) : null
  const chronyPid = settings.ntpDaemon === 'chronyd' ? '/run/chrony/chronyd.pid' : null
  const ntpdPidFile = settings.ntpdPidFile ?? chronyPid
  const looks = observer({
    daemon: askingAgain(daemonReader(settings)),
    discipline: { ...settings, ntpdPidFile, procPath: '/proc' },
    diskPath: settings.diskPath,
    gps: () => (gpsd === null ? noGps : decideGpsStatus(gpsd.view(), thisMoment())),
    others: disciplinesReader('/proc'),
    keysProblem,
  })
  const leapList = leapFileReader(settings.leapFile)
  const context = { ...settings, version }
  const zoneData = zoneDataIn('/usr/share/zoneinfo')
  return {
    observer: looks,
    answers: answersFrom({ observer: looks, leapList, zoneData, context }),
    async metrics(observation) {
      const [board, list] = [await readBoard('/sys'), await leapList()]
      return [
        uncertaintyMetric(uncertaintyOf(observation, context).boundMs),
        ...gpsMetrics(observation.gps),
        ...boardMetrics(board),
        ...leapMetrics(list.ok ? list.value : null, nowMicroseconds() / 1e6),
      ]
    },
    close: () => gpsd?.close(),
  }
}

function thisMoment(): Moment {
  return { monotonicMs: performance.now(), unixMs: Math.floor(nowMicroseconds() / 1000) }
}

/** Starts answering. Rejects when a port cannot be had. */
export async function serve(settings: Settings, log: Log): Promise<RunningServer> {
  const { ring, watch } = await startKeys(settings, log)
  const inside = startInside(settings, () => watch?.problem() ?? null)
  const mcp = mcpHandler(inside.answers, log)
  const [times, refusals] = [requestTimes(), refusalCounts()]
  const gate = keyGate(ring, refusals, log)
  const shared = { times, log, onClosed: () => refusals.count('connections') }
  const { allowedOrigins } = settings
  const ports = await listenAll(
    settings,
    {
      ...shared,
      routes: new Map<string, ReadRoute | OwnRoute>([
        ...apiRoutes(inside.answers, gate),
        ['/health', healthRoute(inside, settings)],
        ['/mcp', mcpRoute({ listen: mcp.listen, gate, allowedOrigins, refusals })],
      ]),
      otherwise: noRoute(gate),
      cors: corsFor(allowedOrigins),
    },
    {
      ...shared,
      routes: new Map([
        ['/metrics', metricsRoute(inside, settings, () => [times.metric(), refusals.metric()])],
      ]),
      otherwise: nothingElse,
      cors: noCors,
    },
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

function healthRoute({ observer: looks }: Inside, settings: Settings): ReadRoute {
  return oncePerLook(looks, (observation) => {
    const body = decideHealth(observation, { ...settings, version })
    return jsonAnswer(body.status === 'unhealthy' ? 503 : 200, body)
  })
}

function metricsRoute(
  inside: Inside,
  settings: Settings,
  counted: () => readonly Metric[],
): ReadRoute {
  return oncePerLook(inside.observer, async (observation) => {
    const health = decideHealth(observation, { ...settings, version })
    const others = [...(await inside.metrics(observation)), ...counted()]
    return { status: 200, type: expositionType, body: formatMetrics(observation, health, others) }
  })
}

/** `write`, once for each check: all who ask within its second get the same text. */
function oncePerLook(
  looks: Observer,
  write: (observation: Observation) => Soon<Answer>,
): ReadRoute {
  let last: { readonly observation: Observation; answer: Soon<Answer> } | null = null
  const read = (observation: Observation): Soon<Answer> => {
    if (last?.observation === observation) return last.answer
    const made = { observation, answer: write(observation) }
    last = made
    // From then on nobody has to wait.
    if (made.answer instanceof Promise) {
      made.answer.then(
        (answer) => {
          made.answer = answer
        },
        () => {},
      )
    }
    return made.answer
  }
  return { read: () => withLook(looks, read) }
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
  const servers: readonly [Server, Server] = [httpServer(http), httpServer(metrics)]
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
