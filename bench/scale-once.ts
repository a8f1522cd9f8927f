/**
 * What a fleet of some size costs the controller, in a process of its own, for bench/scale.ts. Devices
 * are models of the applier in this process, which answer at once; clocks are given. Prints a line of
 * JSON for each stage. Usage: `node scale-once.ts DEVICES devices|clocks|rollout`.
 */
import assert from 'node:assert/strict'
import { ok } from '@timeball/lib/result.ts'
import { member, planOf, settingsFor, simulate } from '../fleet/src/app/rollout/test/simulation.ts'
import { applyFleet } from '../fleet/src/app/apply-fleet.ts'
import type { Run } from '../fleet/src/app/outside.ts'
import { planFleet } from '../fleet/src/app/plan-fleet.ts'
import { prepare } from '../fleet/src/app/prepare.ts'
import { createController } from '../fleet/src/app/serve/controller.ts'
import { eventHub } from '../fleet/src/app/serve/event-hub.ts'
import { liveFleet } from '../fleet/src/app/serve/live-fleet.ts'
import { nothingKnown } from '../fleet/src/core/backup/memory.ts'
import { clockServer, judged, measured, upstreams } from '../fleet/src/core/clock/test/servers.ts'
import { formatControllerMetrics } from '../fleet/src/core/controller/metrics.ts'
import type { Wave } from '../fleet/src/core/rollout/plan.ts'
import { clockEvidence } from '../fleet/src/core/service/clock-evidence.ts'
import { goodServers } from '../fleet/src/core/service/good-time.ts'
import { DeviceModel } from '../fleet/src/engines/memory/device-model.ts'
import { memoryEngine } from '../fleet/src/engines/memory/memory-engine.ts'
import { readApplier } from '../fleet/src/main/applier.ts'
import { memorySamples } from '../fleet/src/stores/memory/sample-store.ts'
import { fleetOf } from '../fleet/test/make-fleet.ts'
import { quietOutside } from '../fleet/test/outside.ts'
import { serverAddress } from './server-address.ts'

const count = Number(process.argv[2])
const part = process.argv[3]
/** One in fifty has a receiver; the others follow four of them. */
const sourceCount = Math.max(4, Math.floor(count / 50))
const names = Array.from({ length: count }, (_, index) => `pi-${index}`)
const sourcesOf = (index: number): readonly number[] =>
  [0, 1, 2, 3].map((step) => (index * 4 + step) % sourceCount)

async function stage<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  const made = await work()
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - began) / 1000
  const peakMegabytes = process.resourceUsage().maxRSS / 1024
  console.log(JSON.stringify({ name, seconds, cpuSeconds: (user + system) / 1e6, peakMegabytes }))
  return made
}

function inventory(): string {
  const lines = (group: number[], more: (index: number) => string): string =>
    group
      .map(
        (index) =>
          `        ${names[index]}: { ansible_host: ${serverAddress(index)}${more(index)} }`,
      )
      .join('\n')
  const all = [...names.keys()]
  const follows = (index: number): string =>
    `, ntp_servers: "${sourcesOf(index)
      .map((source) => names[source])
      .join(',')}"`
  return `all:
  children:
    stratum1:
      hosts:
${lines(all.slice(0, sourceCount), () => ', gps_enabled: yes, pps_enabled: yes')}
    stratum2:
      hosts:
${lines(all.slice(sourceCount), follows)}
`
}

const settings = 'ssh: { parallel: 256 }\napply: { settle_timeout: 0s }\n'
const fleet = await stage('read the inventory', () => fleetOf(inventory(), settings))
const never = { reboot: 'never' } as const
const signal = new AbortController().signal
const run: Run = { stop: signal, abort: signal, emit: () => {} }
const models = new Map(names.map((name) => [name, new DeviceModel(name, () => 0)]))
const applier = await readApplier()
const outside = quietOutside(
  { API_KEY_1: 'the-key-of-the-bench' },
  {
    applier,
    engine: memoryEngine(new Map([...models].map(([name, { answer }]) => [name, answer]))),
    sweepClocks: (targets) =>
      Promise.resolve({
        answers: targets.map(({ address }) => ({
          ...{ address, addresses: [address] },
          swept: measured({ refid: 'GPS' }),
        })),
        ...{ startedUnixMs: 1_795_000_000_000, tookSeconds: 0.1, isStepped: false },
      }),
  },
)

async function plan() {
  const prepared = await prepare(fleet, fleet.devices, outside, { mode: 'change', signal })
  assert.ok(prepared.ok)
  return await planFleet(prepared.value, never, outside, run)
}

async function devices(): Promise<void> {
  const planned = await stage('plan, blank devices', plan)
  const outcomes = await stage('apply, all devices', () =>
    applyFleet(
      ...([
        {
          fleet,
          planned,
          policy: never,
          epoch: 1,
          origin: 'aaaaaaaa',
          changedElsewhere: new Map(),
        },
        outside,
        run,
      ] as const),
    ),
  )
  assert.ok(outcomes.every(({ status }) => status === 'changed'))
  const again = await stage('plan, nothing to change', plan)
  assert.equal(again.plan.failed.length, 0)
}

async function clocks(): Promise<void> {
  const servers = names.map((name, index) => {
    const address = serverAddress(index)
    if (index < sourceCount) return clockServer(name, { address })
    const follows = sourcesOf(index).map((source) => serverAddress(source))
    const swept = measured({ stratum: 2, refid: follows[0] ?? '' })
    return clockServer(name, { address, role: 'stratum2', upstreams: upstreams(...follows), swept })
  })
  const report = await stage('judge a sweep', () => judged(servers))
  await stage('count the quorum', () => {
    assert.equal(goodServers(clockEvidence(report)).size, count)
  })
  // Where no majority tells, each is compared with all others.
  const open = { ...report, time: { kind: 'undecidable', votes: 2, why: 'split' } as const }
  await stage('count the quorum, no majority', () => {
    goodServers(clockEvidence(open))
  })

  const stop = new AbortController()
  const live = await liveFleet(
    { fleet },
    {
      load: () => Promise.resolve(ok({ fleet })),
      open: () => Promise.resolve({ ...outside, wait: () => Promise.resolve(stop.abort()) }),
      log: () => {},
    },
  )
  const controller = createController({
    ...{
      version: '0',
      live,
      store: memorySamples().open(),
      sweepEveryMs: 15_000,
      lookEveryMs: 60_000,
    },
    time: { nowMs: () => 0, wait: () => Promise.resolve(stop.abort()) },
    rollouts: () => Promise.resolve({ newest: null, blocked: null, waiting: null, still: null }),
    backups: () => Promise.resolve(nothingKnown),
    schedules: () => Promise.resolve([]),
    events: eventHub('bench'),
    series: { append: () => Promise.resolve() },
    ...{ hide: () => {}, log: () => {} },
  })
  await stage('a turn of the controller', () => controller.run(stop.signal))
  const view = await controller.view()
  assert.equal(view.clocks?.rows.length, count)
  const page = await stage('the page for Prometheus', () => formatControllerMetrics(view))
  console.log(
    JSON.stringify({ name: 'size of the page, MB', value: JSON.stringify(page).length / 1e6 }),
  )
}

async function rollOut(): Promise<void> {
  const members = names.map((name, index) =>
    index < sourceCount
      ? member(name)
      : member(
          name,
          sourcesOf(index).map((source) => names[source] ?? ''),
        ),
  )
  const last = [...names.slice(sourceCount), ...names.slice(0, sourceCount)]
  const cut = Math.ceil(count / 20)
  const waves: Wave[] = [
    { kind: 'canary', devices: last.slice(0, 1) },
    { kind: 'wave', devices: last.slice(1, cut) },
    { kind: 'wave', devices: last.slice(cut) },
  ]
  const sets = [
    { name: 'stratum1', members: names.slice(0, sourceCount), minGood: sourceCount - 1 },
    { name: 'stratum2', members: names.slice(sourceCount), minGood: Math.floor(count * 0.85) },
  ]
  const { state, events } = await simulate({
    plan: planOf(members, waves, sets),
    settings: settingsFor({ max_parallel: '10%', progress_deadline: '3h', healthy_deadline: '2h' }),
    ailments: {},
    badBefore: new Set(),
  })
  assert.equal(state.status.kind === 'ended' && state.status.result, 'done')
  const tookMs = (events.at(-1)?.atUnixMs ?? 0) - (events[0]?.atUnixMs ?? 0)
  const decisions = Math.round(tookMs / state.started.settings.interval)
  console.log(JSON.stringify({ name: 'decisions of the rollout', value: decisions }))
}

if (part === 'devices') await devices()
if (part === 'clocks') await clocks()
if (part === 'rollout') await stage('decide a rollout', rollOut)
