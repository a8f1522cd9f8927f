/** One sweep over the clocks of a fleet: ask all servers, judge them together, keep what was seen. */
import { controllerServer } from '../core/clock/controller.ts'
import type { JudgeOptions } from '../core/clock/fault-input.ts'
import { leapNoticeOf } from '../core/clock/leap-notice.ts'
import { judgeClocks } from '../core/clock/judge.ts'
import { parseReference } from '../core/clock/reference.ts'
import { refusalMs, refusalOf, refusalSamples, type Refusal } from '../core/clock/courtesy.ts'
import { previousOf, sampleOf } from '../core/clock/sample.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { ClockReport, ClockServer } from '../core/clock/server.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { ClockWorld } from '../ports/clock-world.ts'
import {
  deviceServer,
  deviceTarget,
  referenceServer,
  referenceTarget,
  refusedAnswer,
} from './clock-servers.ts'

export interface ClockSweep extends ClockReport {
  readonly startedUnixMs: number
  readonly tookSeconds: number
  /** This machine's clock was set during the sweep. */
  readonly isStepped: boolean
  /** How it was judged. */
  readonly options: JudgeOptions
}

/** Every device of the fleet is asked: one server by itself cannot be judged. */
export async function sweepClocks(
  fleet: Fleet,
  outside: ClockWorld,
  store: SampleStore | null,
  signal: AbortSignal,
): Promise<ClockSweep> {
  const references = fleet.settings.clock.references.flatMap((text) => parseReference(text) ?? [])
  const strangers = references.flatMap((each) => (each.kind === 'server' ? [each] : []))
  const refusals = await refusalsOf(strangers, store, outside.nowUnixMs())
  const asked = strangers.filter(({ name }) => !refusals.has(name))
  const targets = [...fleet.devices.map(deviceTarget), ...asked.map(referenceTarget)]
  const sweep = await outside.sweepClocks(targets, signal)
  const { startedUnixMs, tookSeconds, isStepped } = sweep
  const sinceUnixMs = startedUnixMs - memoryMs
  const earlier = new Map<string, ClockServer['previous']>()
  for (const { name } of store === null ? [] : fleet.devices) {
    const history = (await store?.history(name, sinceUnixMs, remembered)) ?? []
    earlier.set(name, previousOf(history, startedUnixMs))
  }
  const devices = fleet.devices.map((device, index) =>
    deviceServer(device, {
      answer: sweep.answers[index],
      previous: earlier.get(device.name) ?? null,
    }),
  )
  const heard = sweep.answers.slice(fleet.devices.length).values()
  const others = strangers.map((reference) => {
    const refusal = refusals.get(reference.name)
    const answer = refusal === undefined ? heard.next().value : refusedAnswer(refusal)
    return referenceServer(reference, answer)
  })
  const own = references.some(({ kind }) => kind === 'controller') ? [controllerServer()] : []
  const leaps = await outside.leapSeconds()
  const options: JudgeOptions = {
    maxOffsetMs: fleet.settings.health.max_offset_ms,
    leapNotice: leaps === null ? null : leapNoticeOf(leaps, startedUnixMs),
    startedUnixMs,
  }
  const report = judgeClocks([...devices, ...others, ...own], options)
  // What was cut short says nothing about the servers, and who was not asked said nothing.
  if (!signal.aborted) {
    const told = report.judgements.filter(({ server }) => !refusals.has(server.name))
    await store?.append(told.map((judgement) => sampleOf(judgement, startedUnixMs)))
  }
  return { ...report, startedUnixMs, tookSeconds, isStepped, options }
}

/** The references that are not asked in this sweep, by name. */
async function refusalsOf(
  references: readonly { readonly name: string }[],
  store: SampleStore | null,
  nowUnixMs: number,
): Promise<ReadonlyMap<string, Refusal>> {
  const found = new Map<string, Refusal>()
  if (store === null) return found
  for (const { name } of references) {
    const history = await store.history(name, nowUnixMs - refusalMs, refusalSamples)
    const refusal = refusalOf(history, nowUnixMs)
    if (refusal !== null) found.set(name, refusal)
  }
  return found
}

/** A change since an earlier sweep than this is no news. */
const memoryMs = 3_600_000
const remembered = 10
