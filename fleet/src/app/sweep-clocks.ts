/** One sweep over the clocks of a fleet: ask all servers, judge them together, keep what was seen. */
import { controllerServer } from '../core/clock/controller.ts'
import { objectiveOf } from '../core/clock/format-slo.ts'
import type { JudgeOptions } from '../core/clock/fault-input.ts'
import { leapNoticeOf } from '../core/clock/leap-notice.ts'
import { judgeClocks } from '../core/clock/judge.ts'
import { parseReference } from '../core/clock/reference.ts'
import { rowOf, scoredSamples, type ClockRow } from '../core/clock/row.ts'
import { previousOf, sampleOf } from '../core/clock/sample.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { ClockReport, ClockServer } from '../core/clock/server.ts'
import { attainmentOf } from '../core/clock/slo.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import type { ClockAnswer, ClockWorld, ClockTarget } from '../ports/clock-world.ts'
import type { Outside } from './outside.ts'

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
  const targets = [...fleet.devices.map(deviceTarget), ...strangers.map(referenceTarget)]
  const sweep = await outside.sweepClocks(targets, signal)
  const { startedUnixMs, tookSeconds, isStepped } = sweep
  const sinceUnixMs = startedUnixMs - memoryMs
  const earlier = new Map<string, ClockServer['previous']>()
  for (const { name } of store === null ? [] : fleet.devices) {
    const history = (await store?.history(name, sinceUnixMs, remembered)) ?? []
    earlier.set(name, previousOf(history, startedUnixMs))
  }
  const devices = fleet.devices.map((device, index) =>
    deviceServer(device, fleet, {
      answer: sweep.answers[index],
      previous: earlier.get(device.name) ?? null,
    }),
  )
  const others = strangers.map(({ name, port }, index) =>
    referenceServer(name, port, sweep.answers[fleet.devices.length + index]),
  )
  const own = references.some(({ kind }) => kind === 'controller') ? [controllerServer()] : []
  const leaps = await outside.leapSeconds()
  const options: JudgeOptions = {
    maxOffsetMs: fleet.settings.health.max_offset_ms,
    leapNotice: leaps === null ? null : leapNoticeOf(leaps, startedUnixMs),
    startedUnixMs,
  }
  const report = judgeClocks([...devices, ...others, ...own], options)
  // What was cut short says nothing about the servers.
  if (!signal.aborted)
    await store?.append(report.judgements.map((judgement) => sampleOf(judgement, startedUnixMs)))
  return { ...report, startedUnixMs, tookSeconds, isStepped, options }
}

export interface RowOptions {
  /** Asked for the offsets that servers claim; `null`: nobody is asked. */
  readonly outside: Pick<Outside, 'probeHttp'> | null
  readonly store: SampleStore
  /** Whether the whole history is read for the objective. */
  readonly objective: 'attained' | 'left-out'
  readonly signal: AbortSignal
}

/** The judgements of a sweep with history, score, objective and the servers' own word. */
export async function clockRows(
  sweep: ClockSweep,
  fleet: Fleet,
  { outside, store, objective, signal }: RowOptions,
): Promise<readonly ClockRow[]> {
  const goal = objectiveOf(fleet.settings.clock.slo)
  const sinceUnixMs = sweep.startedUnixMs - goal.days * dayMs
  const claims = outside === null ? null : await claimedOffsets(sweep, fleet, { outside, signal })
  const rows: ClockRow[] = []
  for (const judgement of sweep.judgements) {
    const { name } = judgement.server
    const row = rowOf(judgement, await store.history(name, sinceUnixMs, scoredSamples))
    const attainment =
      objective === 'left-out'
        ? null
        : attainmentOf(await store.history(name, sinceUnixMs, Number.MAX_SAFE_INTEGER), goal)
    rows.push({ ...row, attainment, claimedOffsetSeconds: claims?.get(name) ?? null })
  }
  return rows
}

const dayMs = 86_400_000
/** The claim is a courtesy: a server that is slow to make it is not waited for. */
const claimTimeoutMs = 800
const claimsAtOnce = 64

/** Only of servers that gave time, and that answer at once. */
async function claimedOffsets(
  sweep: ClockSweep,
  fleet: Fleet,
  { outside, signal }: { outside: Pick<Outside, 'probeHttp'>; signal: AbortSignal },
): Promise<ReadonlyMap<string, number>> {
  const measured = new Set(
    sweep.judgements.flatMap(({ server }) => (server.swept.result.ok ? [server.name] : [])),
  )
  const asked = fleet.devices.filter(({ name }) => measured.has(name))
  const limit = AbortSignal.any([signal, AbortSignal.timeout(claimTimeoutMs)])
  const claims = new Map<string, number>()
  const looks = mapBounded(asked, { limit: claimsAtOnce, signal: limit }, (device) =>
    outside.probeHttp(device, limit),
  )
  for await (const { item, value } of looks) {
    const offsetMs = value.ok ? value.value.ntp.offsetMs : null
    if (offsetMs !== null) claims.set(item.name, offsetMs / 1000)
  }
  return claims
}

/** A change since an earlier sweep than this is no news. */
const memoryMs = 3_600_000
const remembered = 10

/** The best of these counts. ntpsec answers a burst of 20, and one a second on average. */
const deviceSamples = { samples: 4, spacingMs: 100, isSigned: true } as const
/** Other people's servers: ntpd's classic limit is two seconds between packets. */
const referenceSamples = { samples: 2, spacingMs: 2_100, isSigned: false } as const

function deviceTarget({ address, ntpPort }: Device): ClockTarget {
  return { address, port: ntpPort, ...deviceSamples }
}

function referenceTarget({ address, port }: { address: string; port: number }): ClockTarget {
  return { address, port, ...referenceSamples }
}

interface Seen {
  readonly answer: ClockAnswer | undefined
  readonly previous: ClockServer['previous']
}

function deviceServer(device: Device, fleet: Fleet, { answer, previous }: Seen): ClockServer {
  const resolved = (name: string): string =>
    fleet.devices.find((each) => each.name === name)?.address ?? name
  return {
    name: device.name,
    kind: 'device',
    role: device.role,
    port: device.ntpPort,
    upstreams: device.ntpServers.map(resolved),
    receiver: device.receiver,
    previous,
    ...(answer ?? notAsked),
  }
}

function referenceServer(name: string, port: number, answer: ClockAnswer | undefined): ClockServer {
  const kind = 'reference'
  const unknown = { role: null, upstreams: [], receiver: null, previous: null }
  return { name, kind, port, ...unknown, ...(answer ?? notAsked) }
}

const notAsked: ClockAnswer = {
  address: null,
  ownRefid: null,
  swept: {
    result: { ok: false, failure: { code: 'aborted', detail: 'it was not asked' } },
    sent: 0,
    answered: 0,
    kiss: null,
    stranger: null,
    unsynchronised: null,
    heardSeconds: 0,
  },
}
