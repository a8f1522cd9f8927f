/** The beginning that all commands on secrets share, and how they refuse. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { parsePlace, type SecretPlace } from '../../core/secrets/place.ts'
import type { SecretSettings } from '../../core/secrets/settings.ts'
import { nearest } from '@timeball/lib/nearest.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure, SecretStore } from '../../ports/secret-store.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'

export interface OpenedSecrets {
  readonly loaded: LoadedFleet
  readonly store: SecretStore
}

/** The failure is an exit code: what went wrong was said already. */
export async function openSecrets(
  context: Context,
  options: FleetOptions,
  settings?: SecretSettings,
): Promise<Result<OpenedSecrets, ExitCode>> {
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return fail(refuse(context.terminal, loaded.failure))
  return ok({ loaded: loaded.value, store: await context.openSecrets(loaded.value, settings) })
}

export interface OpenedPlace extends OpenedSecrets {
  readonly place: SecretPlace
}

/** A device that is no member is a slip of the pen. */
export async function openPlace(
  context: Context,
  text: string,
  options: FleetOptions,
): Promise<Result<OpenedPlace, ExitCode>> {
  const { terminal } = context
  const place = parsePlace(text)
  if (place === null) {
    const fix = 'capitals, digits and _, such as API_KEY_1 or pi-gps-01/API_KEY_1'
    return fail(refuse(terminal, [usageProblem(`${text} is no name of a secret`, fix)]))
  }
  const opened = await openSecrets(context, options)
  if (!opened.ok) return opened
  const names = opened.value.loaded.fleet.devices.map(({ name }) => name)
  if (place.device === null || names.includes(place.device)) return ok({ ...opened.value, place })
  const near = nearest(place.device, names)
  const fix = near === null ? null : `did you mean ${near}?`
  return fail(refuse(terminal, [usageProblem(`there is no device ${place.device}`, fix)]))
}

export function refuseSecret(
  context: Context,
  store: SecretStore,
  { detail: what, hint: fix }: SecretFailure,
): ExitCode {
  const file = `(secrets from ${store.name})`
  return refuse(context.terminal, [{ file, line: null, column: null, what, fix }])
}

/** Values are fit for every device, or they are not kept. */
export function refuseValue(context: Context, what: string): ExitCode {
  context.terminal.say(`timeball: ${what}; nothing was changed`)
  return exitCodes.usage
}
