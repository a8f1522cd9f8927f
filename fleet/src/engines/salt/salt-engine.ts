/**
 * Reaches devices by the site's Salt: jobs of salt-api, whose minions hand bundles to the device's
 * own shell and keep what it says until it is fetched. A delivery outlives a master that is started
 * anew, since a minion keeps both.
 *
 * INVARIANTS:
 * - a bundle and a report pass the master sealed; the key of it is made anew by each process;
 * - whatever Salt does, each delivery is settled: one of which nothing was heard has failed;
 * - before a minion has agreed on a key, nothing is sent that changes a device.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { z } from 'zod'
import { minionId } from '../../core/device/salt-settings.ts'
import type { Failure } from '../../core/failure.ts'
import { remoteCommand } from '../../device/command.ts'
import type { DeviceReport } from '../../device/report.ts'
import type { Delivery, Engine, Target } from '../../ports/engine.ts'
import { deliverEach } from '../deliver-each.ts'
import { carry, type Carried } from './carry.ts'
import { saltJobs } from './jobs.ts'
import { saltApi, type SaltApi, type SaltPlace } from './salt-api.ts'
import { saltSessions, type SessionFailure } from './sessions.ts'
import { versionProblem } from './versions.ts'

export interface SaltOptions extends SaltPlace {
  /** As `salt.ids` of the settings. */
  readonly ids: string
  /** For a minion that has nothing else to do. */
  readonly answerMs: number
  /** The text of `minion/carry.py`. */
  readonly program: string
  /** What a bundle is handed to on the device; tests have one of their own. */
  readonly command?: string
}

export function saltEngine(options: SaltOptions): Engine {
  const { answerMs, command = remoteCommand } = options
  const api = saltApi(options)
  const jobs = saltJobs(api, options.program, () => performance.now())
  const sessions = saltSessions(jobs)
  let master: Promise<Result<null, SessionFailure>> | null = null

  async function send(id: string, delivery: Delivery, signal: AbortSignal): Promise<Carried> {
    const judged = await (master ??= judgeMaster(api))
    if (!judged.ok) {
      master = null
      return fail(unopened(judged.failure))
    }
    const asking = { patienceMs: answerMs, signal }
    const opened = await sessions.open(id, delivery.connection, asking)
    if (!opened.ok) return fail(unopened(opened.failure))
    return await carry({ session: opened.value, delivery, signal, command, answerMs })
  }

  async function deliver(
    target: Target,
    delivery: Delivery,
  ): Promise<Result<DeviceReport, Failure>> {
    const detail = 'it was called off before it was sent'
    if (delivery.signal.aborted) return fail({ code: 'interrupted', detail })
    const id = minionId(options.ids, { name: target.device, address: target.address })
    const limit = AbortSignal.timeout(delivery.timeoutMs)
    const signal = AbortSignal.any([delivery.signal, limit])
    const result =
      (await send(id, delivery, signal)) ??
      (await send(id, { ...delivery, connection: 'fresh' }, signal)) ??
      fail({ code: 'unreachable', detail: 'its minion forgets every key that it agrees on' })
    if (result.ok || !signal.aborted || result.failure.code === 'output-too-large') return result
    if (delivery.signal.aborted) {
      return fail({ code: 'interrupted', detail: 'the delivery was called off' })
    }
    const late = `the report was not complete within ${delivery.timeoutMs / 1000} s`
    return fail({ code: 'timeout', detail: late })
  }

  return {
    name: 'salt',
    deliver,
    deliverAll: (targets, broadcast) => deliverEach(deliver, targets, broadcast),
    lend: () =>
      Promise.resolve(
        fail({
          code: 'image-failed',
          detail: 'the engine salt carries no images: bring this one into a registry',
        }),
      ),
    close() {
      jobs.close()
      api.close()
      return Promise.resolve()
    },
  }
}

/** Salt lets no master be older than its minions, so one that does not tell is judged by those. */
async function judgeMaster(api: SaltApi): Promise<Result<null, SessionFailure>> {
  const kwarg = { key: 'grains:saltversion' }
  const told = await api.command({ client: 'runner', fun: 'config.get', kwarg })
  if (!told.ok) return told.failure.kind === 'refused' ? ok(null) : told
  const version = z.string().min(1).safeParse(told.value)
  const problem = version.success ? versionProblem(version.data) : null
  return problem === null ? ok(null) : fail({ kind: 'old', detail: `its master: ${problem}` })
}

/** Nothing was sent to the device yet. */
function unopened({ kind, detail }: SessionFailure): Failure {
  return { code: kind === 'refused' ? 'auth-refused' : 'unreachable', detail: `Salt: ${detail}` }
}
