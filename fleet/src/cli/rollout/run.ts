/** Runs a rollout in the foreground: with the lease of the fleet, watched, and with its exit code. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { Conduct } from '../../app/rollout/conduct-rollout.ts'
import type { Outside } from '../../app/outside.ts'
import { operationOf } from '../../app/operate/control-rollout.ts'
import type { WantedChange } from '../../app/operate/may-change.ts'
import { TakenOverError } from '../../app/rollout/target.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { Context } from '../context.ts'
import { withFleet, type FleetClaim } from '../fleet-claim.ts'
import { rebootPolicy } from '../reboot-policy.ts'
import type { Records } from '../records.ts'
import type { Reached } from '../start.ts'
import { keepFailed } from '../keep-failed.ts'
import { exitOf, leftBehind } from './exit-of.ts'
import { outlookKeeper } from './outlook-file.ts'
import { openRunView } from './run-view.ts'

export interface RunWish {
  readonly rollout: string
  /** What most devices have seen: see `majorityEpoch`. */
  readonly epochFloor: number
  /** What a new one changes; `null` for one that goes on. */
  readonly change: WantedChange | null
  readonly records: Records | null
}

/** The failure was told already. */
type Work = (conduct: Conduct) => Promise<Result<RolloutState, ExitCode>>

export async function runInForeground(
  context: Context,
  open: Reached,
  wish: RunWish,
  work: Work,
): Promise<ExitCode> {
  const samples = await context.openSamples(open.loaded)
  const { epochFloor, change, records } = wish
  const claim = { operation: operationOf(wish.rollout), epochFloor, change }
  try {
    const claimed = await withFleet(context, open.loaded, claim, async ({ lease, store }) => {
      const view = openRunView(context, records)
      const outlooks = outlookKeeper(context, open.loaded)
      const onChange: Conduct['onChange'] = (...news) => {
        view.onChange(...news)
        outlooks.onChange(...news)
      }
      const ended = await unlessTakenOver(
        work({ ...conductOf(context, open, { lease, store }), samples, onChange }),
      )
      await outlooks.settled()
      view.end(ended.ok ? ended.value : null)
      return ended
    })
    const ended = claimed.ok ? claimed.value : claimed
    const exit = conclude(context, ended, wish)
    if (ended.ok && exit === exitCodes.devicesFailed) {
      await keepFailed(context, open.loaded, leftBehind(ended.value))
    }
    return exit
  } finally {
    await samples.close()
  }
}

function conductOf(
  context: Context,
  { outside, loaded }: Reached,
  { lease, store }: FleetClaim,
): Omit<Conduct, 'samples' | 'onChange'> {
  const { stop, abort, operator: by } = context
  const policy = rebootPolicy(loaded.fleet.settings.apply.reboot, { allowReboot: false })
  const warn = (text: string): void => context.terminal.say(`timeball: ${text}`)
  return {
    outside,
    store,
    lease,
    policy,
    stop,
    abort,
    by,
    warn,
    nowMs: steadyClock(context, outside),
  }
}

/** Unix ms of a clock that nobody sets while this process runs: deadlines are spans, not dates. */
export function steadyClock(
  context: Pick<Context, 'nowUnixMs'>,
  outside: Pick<Outside, 'nowMs'>,
): () => number {
  const startMs = context.nowUnixMs() - outside.nowMs()
  return () => Math.round(startMs + outside.nowMs())
}

async function unlessTakenOver(
  running: Promise<Result<RolloutState, ExitCode>>,
): Promise<Result<RolloutState, ExitCode>> {
  try {
    return await running
  } catch (error) {
    if (error instanceof TakenOverError) return { ok: false, failure: exitCodes.conflict }
    throw error
  }
}

/** What is said last, and the exit code. */
export function conclude(
  { stop, terminal }: Pick<Context, 'stop' | 'terminal'>,
  ended: Result<RolloutState, ExitCode>,
  { rollout, records }: Pick<RunWish, 'rollout' | 'records'>,
): ExitCode {
  if (!ended.ok) return records?.result(ended.failure, { rollout, result: null }) ?? ended.failure
  const { status, started } = ended.value
  const exit = exitOf(ended.value, { isInterrupted: stop.aborted })
  if (records !== null) {
    const result = status.kind === 'ended' ? status.result : null
    const touched = [...ended.value.devices.values()].filter(({ movedAs }) => movedAs !== null)
    return records.result(exit, {
      rollout,
      result,
      rollout_status: status.kind,
      touched: touched.length,
      unreachable: started.unreachable,
    })
  }
  if (status.kind !== 'ended') {
    const action = status.kind === 'paused' && status.awaits === 'promotion' ? 'promote' : 'resume'
    terminal.say(`timeball: to go on: timeball rollout ${action} ${rollout}`)
  }
  return exit
}
