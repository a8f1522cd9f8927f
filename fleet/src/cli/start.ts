/** The beginning that plan, apply and health share: read the fleet, select, read secrets, resolve. */
import type { ExitCode } from '../api/exit-codes.ts'
import type { Outside } from '../app/outside.ts'
import { prepare, prepareOffline, type Prepared, type PrepareMode } from '../app/prepare.ts'
import type { Device } from '../core/device/device.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context, FleetOptions, LoadedFleet } from './context.ts'
import { refuse, refuseImage, usageProblem } from './problems.ts'

/** A fleet that was read, with what each of the selected devices should be. */
export interface Wanted {
  readonly loaded: LoadedFleet
  readonly prepared: Prepared
}

export interface Started extends Wanted {
  readonly outside: Outside
}

/** A pattern, or the names of devices that a saved plan has; all devices without either. */
export type Targets = string | readonly string[] | undefined

/** A fleet that was read, with those of its devices that were selected. */
interface Selected {
  readonly loaded: LoadedFleet
  readonly devices: readonly Device[]
}

export interface Reached extends Selected {
  readonly outside: Outside
}

/** The failure is an exit code: what went wrong was said already. */
export async function start(
  context: Context,
  targets: Targets,
  options: FleetOptions,
  mode: PrepareMode,
): Promise<Result<Started, ExitCode>> {
  const reached = await reach(context, targets, options)
  return reached.ok ? await prepareReached(context, reached.value, mode) : reached
}

/** The second half of `start`, for commands that may have nothing to do: it asks a registry. */
export async function prepareReached(
  { terminal, abort: signal }: Context,
  { loaded, devices, outside }: Reached,
  mode: PrepareMode,
): Promise<Result<Started, ExitCode>> {
  const prepared = await prepare(loaded.fleet, devices, outside, { mode, signal })
  if (prepared.ok) {
    terminal.hide(prepared.value.secrets)
    return ok({ loaded, prepared: prepared.value, outside })
  }
  if (prepared.failure.kind === 'problems') return fail(refuse(terminal, prepared.failure.problems))
  return fail(refuseImage(terminal, prepared.failure))
}

/** Like `start`, and contacts nobody. */
export async function startOffline(
  context: Context,
  targets: Targets,
  options: FleetOptions,
): Promise<Result<Wanted, ExitCode>> {
  const { terminal } = context
  const selected = await readFleet(context, targets, options)
  if (!selected.ok) return selected
  const { loaded, devices } = selected.value
  const secrets = await context.openSecrets(loaded)
  const prepared = await prepareOffline(loaded.fleet, devices, secrets)
  if (!prepared.ok) return fail(refuse(terminal, prepared.failure.problems))
  terminal.hide(prepared.value.secrets)
  return ok({ loaded, prepared: prepared.value })
}

/** Reads and selects, and goes where the devices are; who calls closes the engine. */
export async function reach(
  context: Context,
  targets: Targets,
  options: FleetOptions,
): Promise<Result<Reached, ExitCode>> {
  const selected = await readFleet(context, targets, options)
  if (!selected.ok) return selected
  const { loaded } = selected.value
  const obstacle = context.enterNetwork(loaded)
  if (obstacle !== null) return fail(refuse(context.terminal, [obstacle]))
  return ok({ ...selected.value, outside: await context.openOutside(loaded, options) })
}

/** The files of the fleet, for some of its devices or for all. */
export async function loadFor(
  context: Context,
  targets: Targets,
  options: FleetOptions,
): Promise<Result<LoadedFleet, readonly Problem[]>> {
  if (targets === undefined) return await context.loadFleet(options)
  const limit = typeof targets === 'object' ? targets.join(':') : targets
  return await context.loadFleet({ ...options, limit })
}

/** Reads and selects, and contacts nobody. */
export async function readFleet(
  context: Context,
  targets: Targets,
  options: FleetOptions,
): Promise<Result<Selected, ExitCode>> {
  const loaded = await loadFor(context, targets, options)
  if (!loaded.ok) return fail(refuse(context.terminal, loaded.failure))
  const devices = await selectDevices(context, loaded.value, targets, options.limit)
  if (!devices.ok) return fail(refuse(context.terminal, devices.failure))
  return ok({ loaded: loaded.value, devices: devices.value })
}

/** Argument and `--limit` are selected each by itself: a device has to be in both. */
export async function selectDevices(
  context: Context,
  loaded: LoadedFleet,
  targets: Targets,
  limit: string | undefined,
): Promise<Result<readonly Device[], readonly Problem[]>> {
  const { devices } = loaded.fleet
  if (typeof targets === 'object') {
    const names = new Set(targets)
    return ok(devices.filter(({ name }) => names.has(name)))
  }
  const first = await context.select(loaded, targets ?? limit)
  if (!first.ok || targets === undefined || limit === undefined) return first
  const second = await context.select(loaded, limit)
  if (!second.ok) return second
  const names = new Set(second.value.map(({ name }) => name))
  const both = first.value.filter(({ name }) => names.has(name))
  if (both.length > 0) return ok(both)
  return fail([usageProblem(`no device is in both ${targets} and --limit ${limit}`, null)])
}
