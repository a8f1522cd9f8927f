/** A running time server whose ntpd is scripted: in good step on its pulse. Only for tests. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { scriptedDaemon, variablesFor } from '@timeball/clock/control/test/scripted-daemon.ts'
import type { Asked, Reply } from '@timeball/clock/control/test/scripted-daemon.ts'
import { serve } from '../serve.ts'
import type { RunningServer } from '../serve.ts'
import type { Environment } from '../setting-kinds.ts'
import { readSettings } from '../settings.ts'

const system = {
  leap: '0',
  stratum: '1',
  rootdelay: '0.5',
  rootdisp: '1.25',
  refid: 'PPS',
  reftime: '0xeeaf0ba0.00000000',
  clock: '0xeeaf0ba2.00000000',
  tc: '4',
  offset: '0.004',
  frequency: '-3.1',
  sys_jitter: '0.001',
}
const pulse = { srcadr: '127.127.28.1', refid: 'PPS', reach: '0xff', offset: '0.004' }

/** What an ntpd in step answers. */
export function inStep(asked: Asked): Reply[] {
  if (asked.opcode === 1) return [{ data: Buffer.from('0001961a', 'hex') }]
  return [{ data: variablesFor(asked, asked.association === 0 ? system : pulse) }]
}

/** On free ports of loopback; it ends with the test. */
export async function startServer(
  t: TestContext,
  script: (asked: Asked) => Reply[] = inStep,
  environment: Environment = {},
): Promise<RunningServer> {
  const daemon = await scriptedDaemon(script)
  t.after(() => daemon.close())
  const settings = readSettings({
    ENVIRONMENT: 'pi-gps-01',
    BIND_ADDRESS: '127.0.0.1',
    CLOCK_DISCIPLINE: 'no',
    NTP_PORT: String(daemon.port),
    HTTP_PORT: '0',
    METRICS_PORT: '0',
    ...environment,
  })
  assert.ok(settings.ok)
  const server = await serve(settings.value, () => {})
  t.after(() => server.close())
  return server
}
