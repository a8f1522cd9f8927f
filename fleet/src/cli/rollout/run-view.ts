/** A rollout that this process runs: a live table on a terminal, a line for each event elsewhere. */
import type { RolloutRun } from '../../app/rollout/run-rollout.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { Sight } from '../../core/rollout/sight.ts'
import { eventLine } from '../../core/rollout/show/event-line.ts'
import { eventRecord, statusRecord } from '../../core/rollout/show/records.ts'
import { statusView } from '../../core/rollout/show/status-view.ts'
import { formatInstant } from '../../core/rollout/show/times.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { cutToWidth } from '../../core/table.ts'
import type { Context } from '../context.ts'
import type { Records } from '../records.ts'

export interface RunView {
  readonly onChange: RolloutRun['onChange']
  /** The last check, when nothing runs any more; `null`: how it ended is not known here. */
  end(state: RolloutState | null): void
}

type Screen = Pick<Context, 'terminal' | 'nowUnixMs' | 'wait' | 'stop'>

/** Between two pictures: a large fleet has many events, and time goes on without any. */
const tickMs = 1_000
const newestLines = 6

export function openRunView(context: Screen, records: Records | null): RunView {
  if (records !== null) return recordView(context, records)
  return context.terminal.width === null ? lineView(context) : liveView(context)
}

function recordView(context: Screen, records: Records): RunView {
  return {
    onChange(state, events) {
      const { rollout } = state.started
      for (const event of events) {
        records.write({ ...eventRecord(event), type: 'event', rollout })
      }
    },
    end(state) {
      if (state === null) return
      const look = { nowMs: context.nowUnixMs(), sight: null }
      records.write({ type: 'rollout', ...statusRecord(state, look) })
    },
  }
}

function lineView(context: Screen): RunView {
  const { terminal } = context
  return {
    onChange(state, events) {
      for (const event of events) terminal.say(lineOf(event, state))
    },
    end(state) {
      if (state === null) return
      for (const line of picture(context, state, null)) terminal.out(line)
    },
  }
}

function liveView(context: Screen): RunView {
  const { terminal } = context
  const over = new AbortController()
  const newest: string[] = []
  let shown: { readonly state: RolloutState; readonly sight: Sight | null } | null = null
  const draw = (): void => {
    if (shown === null) return
    terminal.clear()
    for (const line of picture(context, shown.state, shown.sight)) terminal.out(line)
    const width = terminal.width ?? Infinity
    for (const line of ['', ...newest]) terminal.out(cutToWidth(line, width))
    // What the signal said was wiped out with the picture before.
    if (context.stop.aborted && !over.signal.aborted) terminal.out('finishing what runs …')
  }
  const tick = async (): Promise<void> => {
    while (!over.signal.aborted) {
      draw()
      await context.wait(tickMs, over.signal)
    }
  }
  void tick()
  return {
    onChange(state, events, sight) {
      newest.push(...events.map((event) => lineOf(event, state)))
      newest.splice(0, newest.length - newestLines)
      const isFirst = shown === null
      shown = { state, sight }
      if (isFirst) draw()
    },
    end(state) {
      over.abort()
      if (state !== null) shown = { state, sight: null }
      draw()
    },
  }
}

function picture(context: Screen, state: RolloutState, sight: Sight | null): string[] {
  return statusView(state, { nowMs: context.nowUnixMs(), sight }, context.terminal)
}

function lineOf(event: RolloutEvent, { started }: RolloutState): string {
  const { subject, text } = eventLine(event, started.plan)
  return `${formatInstant(event.atUnixMs)} ${subject}: ${text}`
}
