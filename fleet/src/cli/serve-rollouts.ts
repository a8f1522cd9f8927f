/** Rollouts that run in the controller: the same runner as in the foreground, with the fleet at hand. */
import { asksByItself } from '../app/serve/ask-by-itself.ts'
import type { LiveFleet } from '../app/serve/live-fleet.ts'
import { hostRollouts } from '../app/serve/rollout-host.ts'
import { takeUpRollout } from '../app/rollout/conduct-rollout.ts'
import { obstructed } from '../core/rollout/outlook.ts'
import type { Secret } from '../core/secrets/secret.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import type { Context, LoadedFleet } from './context.ts'
import { rebootPolicy } from './reboot-policy.ts'
import { obstacleText } from './refusals.ts'
import { secretsOf } from './rollout/open-fleet.ts'
import { outlookKeeper } from './rollout/outlook-file.ts'
import { steadyClock } from './rollout/run.ts'
import { lineOf } from './rollout/run-view.ts'

export interface ServedRollouts {
  readonly loaded: LoadedFleet
  readonly live: LiveFleet
  readonly samples: SampleStore
  readonly hide: (secrets: readonly Secret[]) => void
  /** Devices that answered when they were looked at last. */
  readonly reached: () => ReadonlySet<string>
  readonly log: (line: string) => void
}

/** Until `context.stop` fires, and some seconds longer where a device is being changed. */
export async function serveRollouts(context: Context, served: ServedRollouts): Promise<void> {
  const { live, loaded, samples, hide, reached, log } = served
  const { self, operator } = context
  const outlooks = outlookKeeper(context, loaded)
  let told = ''
  await hostRollouts(
    {
      openStore: () => openToWrite(context, loaded),
      self,
      by: operator,
      time: {
        nowMs: () => context.nowUnixMs(),
        wait: (ms, signal) => context.wait(ms, signal),
      },
      takeUp: (next, hands) =>
        live.use(async ({ fleet, outside }) => {
          hide(await secretsOf(fleet.devices, outside))
          return await takeUpRollout(next.state, next.because, fleet, {
            ...hands,
            outside,
            samples,
            policy: rebootPolicy(fleet.settings.apply.reboot, { allowReboot: false }),
            by: null,
            warn: log,
            nowMs: steadyClock(context, outside),
            onChange(state, events, sight) {
              for (const event of events) log(lineOf(event, state))
              outlooks.onChange(state, events, sight)
            },
          })
        }),
      whenIdle: asksByItself({ live, reached, nowUnixMs: () => context.nowUnixMs() }),
      onObstacle(rollout, why) {
        if (why === null) {
          told = ''
          return
        }
        const text = obstacleText(why)
        outlooks.keep(obstructed(rollout, { kind: why.kind, text }, context.nowUnixMs()))
        if (text !== told) log(`rollout ${rollout} does not go on: ${text}`)
        told = text
      },
      log,
    },
    context.stop,
  )
  await outlooks.settled()
}

async function openToWrite(context: Context, loaded: LoadedFleet): Promise<RolloutStore> {
  const opened = await context.openRolloutStore(loaded)
  if (!opened.ok) throw new Error(formatProblem(opened.failure))
  const { damage } = opened.value
  if (damage === null) return opened.value
  await opened.value.close()
  throw new Error(`${damage}; it is only read`)
}
