/** A rollout that this process runs: a live table on a terminal, a line for each event elsewhere. */
import type { RolloutRun } from '../../app/rollout/run-rollout.ts'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import { outlookOf, type Outlook } from '../../core/rollout/outlook.ts'
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
  /** The same for one that another process runs, with what that process knows. */
  readonly onNews: OnNews
  /** The last check, when nothing runs any more; `null`: how it ended is not known here. */
  end(state: RolloutState | null): void
}

/** `outlook` is asked when a picture is made. */
type OnNews = (
  state: RolloutState,
  events: readonly RolloutEvent[],
  outlook: () => Outlook | null,
) => void

type Screen = Pick<Context, 'terminal' | 'nowUnixMs' | 'wait' | 'stop'>

/** Between two pictures: a large fleet has many events, and time goes on without any. */
const tickMs = 1_000
const newestLines = 6

/** `ending`: what Ctrl-C does. */
export function openRunView(
  context: Screen,
  records: Records | null,
  ending = 'finishing what runs …',
): RunView {
  const view = viewOn(context, records, ending)
  const onChange: RunView['onChange'] = (state, events, sight) =>
    view.onNews(state, events, () => (sight === null ? null : outlookOf(state, sight)))
  return { ...view, onChange }
}

type View = Omit<RunView, 'onChange'>

function viewOn(context: Screen, records: Records | null, ending: string): View {
  if (records !== null) return recordView(context, records)
  return context.terminal.width === null ? lineView(context) : liveView(context, ending)
}

function recordView(context: Screen, records: Records): View {
  return {
    onNews(state, events) {
      const { rollout } = state.started
      for (const event of events) {
        records.write({ ...eventRecord(event), type: 'event', rollout })
      }
    },
    end(state) {
      if (state === null) return
      const look = { nowMs: context.nowUnixMs(), outlook: null }
      records.write({ type: 'rollout', ...statusRecord(state, look) })
    },
  }
}

function lineView(context: Screen): View {
  const { terminal } = context
  return {
    onNews(state, events) {
      for (const event of events) terminal.say(lineOf(event, state))
    },
    end(state) {
      if (state === null) return
      for (const line of picture(context, state, null)) terminal.out(line)
    },
  }
}

function liveView(context: Screen, ending: string): View {
  const { terminal } = context
  const over = new AbortController()
  const newest: string[] = []
  let shown: { readonly state: RolloutState; readonly outlook: () => Outlook | null } | null = null
  const draw = (): void => {
    if (shown === null) return
    terminal.clear()
    for (const line of picture(context, shown.state, shown.outlook())) terminal.out(line)
    const width = terminal.width ?? Infinity
    for (const line of ['', ...newest]) terminal.out(cutToWidth(line, width))
    // What the signal said was wiped out with the picture before.
    if (context.stop.aborted && !over.signal.aborted) terminal.out(ending)
  }
  const tick = async (): Promise<void> => {
    while (!over.signal.aborted) {
      draw()
      await context.wait(tickMs, over.signal)
    }
  }
  void tick()
  return {
    onNews(state, events, outlook) {
      newest.push(...events.map((event) => lineOf(event, state)))
      newest.splice(0, newest.length - newestLines)
      const isFirst = shown === null
      shown = { state, outlook }
      if (isFirst) draw()
    },
    end(state) {
      over.abort()
      if (state !== null) shown = { state, outlook: () => null }
      draw()
    },
  }
}

function picture(context: Screen, state: RolloutState, outlook: Outlook | null): string[] {
  return statusView(state, { nowMs: context.nowUnixMs(), outlook }, context.terminal)
}

/** `2026-11-23T22:45:01Z pi-1: moves` */
export function lineOf(event: RolloutEvent, { started }: RolloutState): string {
  const { subject, text } = eventLine(event, started.plan)
  return `${formatInstant(event.atUnixMs)} ${subject}: ${text}`
}
