/** `timeball status`: one screen about the fleet, for whoever comes to work. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import { fleetStatusRecord } from '../api/records/status-record.ts'
import { readRollout } from '../app/operate/control-rollout.ts'
import { waitingNow } from '../app/serve/waiting-list.ts'
import { checkHealth } from '../app/check-health.ts'
import { quorumOf } from '../core/controller/quorum.ts'
import { statusLines, type FleetStatus, type Remembered } from '../core/controller/fleet-status.ts'
import type { Reachable } from '../core/device/device.ts'
import { leftDevices } from '../core/device/left-devices.ts'
import { clockEvidence } from '../core/service/clock-evidence.ts'
import { goodServers } from '../core/service/good-time.ts'
import { readMemory } from './backup/memory-file.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { healthRow } from './health-row.ts'
import { openRecords } from './records.ts'
import { readOutlook } from './rollout/outlook-file.ts'
import { start, type Started } from './start.ts'

export async function statusCommand(context: Context, options: FleetOptions): Promise<ExitCode> {
  const started = await start(context, undefined, options, 'look')
  if (!started.ok) return started.failure
  const { incomplete } = started.value.prepared
  if (incomplete !== null) context.terminal.say(`timeball: drift is not judged: ${incomplete}`)
  const status = await lookAtFleet(context, started.value)
  await started.value.outside.engine.close('keep')
  if (context.stop.aborted) return exitCodes.interrupted
  const isBad = status.verdicts.some(({ verdict }) => verdict === 'down' || verdict === 'unknown')
  const isBroken = status.quorum.some(({ verdict }) => verdict === 'broken')
  const exit = isBad || isBroken ? exitCodes.unhealthy : exitCodes.done
  const records = await openRecords(context, options.json)
  if (records !== null) {
    const memory = await readMemory(context, started.value.loaded)
    for (const verdict of status.verdicts) records.write(healthRow(verdict, memory))
    records.write(fleetStatusRecord({ ...status, devices: status.verdicts.length }))
    return records.result(exit, {})
  }
  for (const line of statusLines(status, context.terminal)) context.terminal.out(line)
  for (const line of await linesOfGit(context, started.value.loaded)) context.terminal.out(line)
  return exit
}

async function linesOfGit(context: Context, loaded: LoadedFleet): Promise<readonly string[]> {
  if (loaded.fleet.settings.git === undefined) return []
  const { commitLines } = await import('./commits/list.ts')
  const { readGit } = await import('./commits/follow.ts')
  return commitLines(await readGit(context, loaded), context.nowUnixMs())
}

async function lookAtFleet(
  context: Context,
  { loaded, prepared, outside }: Started,
): Promise<FleetStatus> {
  let checked = 0
  const emit = (): void => {
    checked += 1
    context.terminal.progress(`${checked}/${prepared.devices.length} checked`)
  }
  const run = { stop: context.stop, abort: context.abort, emit }
  const { verdicts, sweep } = await checkHealth(prepared, outside, run)
  context.terminal.progress('')
  const { fleet } = loaded
  const known = await context.knownDevices(loaded)
  const left = known.ok ? leftDevices(known.value, fleet.devices) : []
  const names = new Set(fleet.devices.map(({ name }) => name))
  const good = [...goodServers(clockEvidence(sweep))].filter((name) => names.has(name))
  return {
    fleet: fleet.name,
    image: fleet.settings.image.ref,
    verdicts,
    good: good.length,
    quorum: quorumOf(fleet, sweep),
    remembered: await remember(context, loaded, left),
    left,
    nowUnixMs: context.nowUnixMs(),
  }
}

async function remember(
  context: Context,
  loaded: LoadedFleet,
  left: readonly Reachable[],
): Promise<Remembered | null> {
  const opened = await context.openRolloutStore(loaded)
  if (!opened.ok) return null
  const store = opened.value
  try {
    const nowUnixMs = context.nowUnixMs()
    const [newest = null] = await store.list()
    const holder = await store.holder(nowUnixMs)
    const now = await waitingNow({
      newest: newest === null ? null : await readRollout(store, newest.rollout),
      store,
      hasController: await context.isControllerHere(loaded),
      readOutlook: (rollout) => readOutlook(context, loaded, rollout),
      left,
      wishes: loaded.fleet.settings.controller,
      nowUnixMs,
    })
    return { newest, blocked: await store.blocked(), holder, ...now }
  } catch {
    // A damaged file is no reason not to say how the time is.
    return null
  } finally {
    await store.close()
  }
}
