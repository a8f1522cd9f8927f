/** The time server's bundle, with two keys and an ntpd that is scripted to be in step. Only for benchmarks. */
import { fileURLToPath } from 'node:url'
import { scriptedDaemon } from '@timeball/clock/control/test/scripted-daemon.ts'
import { inStep } from '../src/test/fake-server.ts'
import { start } from './measure.ts'

export const key = 'benchmark-key-1'

export interface MeasuredServer {
  readonly pid: number
  /** Where its API is, such as `http://127.0.0.1:3000`. */
  readonly http: string
  readonly metrics: string
  stop(): Promise<void>
}

export async function startTimeServer(): Promise<MeasuredServer> {
  const daemon = await scriptedDaemon(inStep)
  const bundle = fileURLToPath(new URL('../dist/time-server.js', import.meta.url))
  const program = await start([bundle], {
    BIND_ADDRESS: '127.0.0.1',
    CLOCK_DISCIPLINE: 'no',
    HTTP_PORT: '0',
    METRICS_PORT: '0',
    NTP_PORT: String(daemon.port),
    API_KEY_1: key,
    API_KEY_2: 'another-key-of-the-fleet',
    API_RATE_LIMIT: '1000000',
  })
  return {
    pid: program.pid,
    http: `http://127.0.0.1:${program.ports.get('httpPort')}`,
    metrics: `http://127.0.0.1:${program.ports.get('metricsPort')}`,
    async stop() {
      await program.stop()
      await daemon.close()
    },
  }
}
