/** One sweep over the clocks of a fleet: ask all servers, judge them together, keep what was seen. */
import { controllerServer } from '../core/clock/controller.ts'
import type { JudgeOptions } from '../core/clock/fault-input.ts'
import { leapNoticeOf } from '../core/clock/leap-notice.ts'
import { judgeClocks } from '../core/clock/judge.ts'
import { parseReference } from '../core/clock/reference.ts'
import { previousOf, sampleOf } from '../core/clock/sample.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { ClockReport, ClockServer } from '../core/clock/server.ts'
import { standingsOf, withStandings } from '../core/clock/upstreams.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { ClockAnswers, ClockTarget, ClockWorld } from '../ports/clock-world.ts'
import {
  askedUpstream,
  deviceServer,
  deviceTarget,
  referenceServer,
  referenceTarget,
  strangeUpstreams,
  upstreamTarget,
} from './clock-servers.ts'

export interface ClockSweep extends ClockReport {
  readonly startedUnixMs: number
  readonly tookSeconds: number
  /** This machine's clock was set during the sweep. */
  readonly isStepped: boolean
  /** How it was judged. */
  readonly options: JudgeOptions
}

/** What a clock measured that was set meanwhile accuses all; it is seldom set twice in a row. */
async function steadySweep(
  outside: ClockWorld,
  targets: readonly ClockTarget[],
  signal: AbortSignal,
): Promise<ClockAnswers> {
  const sweep = await outside.sweepClocks(targets, signal)
  if (!sweep.isStepped || signal.aborted) return sweep
  return await outside.sweepClocks(targets, signal)
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
  const upstreams = strangeUpstreams(fleet.devices, strangers)
  const targets = [
    ...fleet.devices.map(deviceTarget),
    ...strangers.map(referenceTarget),
    ...upstreams.map(upstreamTarget),
  ]
  const sweep = await steadySweep(outside, targets, signal)
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
  const heard = sweep.answers.slice(fleet.devices.length)
  const others = strangers.map((reference, index) => referenceServer(reference, heard[index]))
  const asked = upstreams.flatMap((address, index) => {
    const answer = heard[strangers.length + index]
    return answer === undefined ? [] : [askedUpstream(address, answer)]
  })
  const standings = standingsOf(asked, [...devices, ...others], outside.standings)
  for (const [address, standing] of standings) outside.standings.set(address, standing)
  const own = references.some(({ kind }) => kind === 'controller') ? [controllerServer()] : []
  const leaps = await outside.leapSeconds()
  const options: JudgeOptions = {
    maxOffsetMs: fleet.settings.health.max_offset_ms,
    leapNotice: leaps === null ? null : leapNoticeOf(leaps, startedUnixMs),
    startedUnixMs,
  }
  const servers = withStandings([...devices, ...others, ...own], standings)
  const report = judgeClocks(servers, options)
  // What was cut short says nothing about the servers, and who was not asked said nothing new.
  if (!signal.aborted) {
    const spared = new Set(
      servers
        .slice(devices.length, devices.length + others.length)
        .filter(({ swept }) => swept.sent === 0),
    )
    const told = report.judgements.filter(({ server }) => !spared.has(server))
    await store?.append(told.map((judgement) => sampleOf(judgement, startedUnixMs)))
  }
  return { ...report, startedUnixMs, tookSeconds, isStepped, options }
}

/** A change since an earlier sweep than this is no news. */
const memoryMs = 3_600_000
const remembered = 10
