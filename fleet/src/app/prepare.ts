/** Fleet -> what each device should be: secrets are read and the image is resolved to a digest. */
import { desiredState } from '../core/desired/desired-state.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import { ntpKeyLines, ntpKeyName, otherNtpKeyNames } from '../core/secrets/ntp-key.ts'
import { sharedSecrets } from '../core/secrets/shared.ts'
import { foldNames } from '../core/plan/names.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Secret } from '../core/secrets/secret.ts'
import type { SecretFailure, SecretStore } from '../ports/secret-store.ts'
import type { Outside } from './outside.ts'

export interface Prepared {
  readonly fleet: Fleet
  /** The devices that were selected, in inventory order. */
  readonly devices: readonly Device[]
  readonly image: string
  readonly states: ReadonlyMap<string, DesiredState>
  /** All secrets in use, for the redactor. */
  readonly secrets: readonly Secret[]
  /** What the operator should know of the secrets. */
  readonly warnings: readonly string[]
  /** Why the desired states are not the whole truth, in `look` mode; `null`: they are. */
  readonly incomplete: string | null
}

interface SecretProblems {
  readonly kind: 'problems'
  readonly problems: readonly Problem[]
}

/** The digest of an image could not be learnt. */
export interface ImageFailure {
  readonly kind: 'image'
  /** As the fleet names it. */
  readonly ref: string
  readonly detail: string
}

export type PrepareFailure = SecretProblems | ImageFailure

/**
 * `change`: everything must be known. `look`: health is looked at also without the keys, and while
 * the registry is away. `back`: both; what a device had before is on the device, and must be had back
 * in every trouble.
 */
export type PrepareMode = 'change' | 'look' | 'back'

export async function prepare(
  fleet: Fleet,
  devices: readonly Device[],
  outside: Pick<Outside, 'secrets' | 'resolveImage'>,
  options: { readonly mode: PrepareMode; readonly signal: AbortSignal },
): Promise<Result<Prepared, PrepareFailure>> {
  const read = await readSecrets(fleet, devices, outside.secrets)
  if (read.problems.length > 0 && options.mode === 'change') {
    return fail({ kind: 'problems', problems: read.problems })
  }
  const { ref, plain_http: plainHttp } = fleet.settings.image
  const image =
    options.mode === 'back' ? ok(ref) : await outside.resolveImage(ref, plainHttp, options.signal)
  if (!image.ok && options.mode === 'change') {
    return fail({ kind: 'image', ref, detail: image.failure.detail })
  }
  const missing = [read.problems[0]?.what, image.ok ? null : `${ref}: ${image.failure.detail}`]
  const incomplete = missing.find((what) => typeof what === 'string') ?? null
  return ok({ ...desired(fleet, devices, image.ok ? image.value : ref, read), incomplete })
}

/** Contacts nobody: the image stays as it was written. */
export async function prepareOffline(
  fleet: Fleet,
  devices: readonly Device[],
  secrets: SecretStore,
): Promise<Result<Prepared, SecretProblems>> {
  const read = await readSecrets(fleet, devices, secrets)
  if (read.problems.length > 0) return fail({ kind: 'problems', problems: read.problems })
  return ok({ ...desired(fleet, devices, fleet.settings.image.ref, read), incomplete: null })
}

function desired(
  fleet: Fleet,
  devices: readonly Device[],
  image: string,
  read: SecretsRead,
): Omit<Prepared, 'incomplete'> {
  const states = devices.map((device): [string, DesiredState] => {
    const secrets = read.secrets.get(device.name) ?? []
    const { settings } = fleet
    return [device.name, desiredState({ device, settings, release: { image }, secrets })]
  })
  return {
    fleet,
    devices,
    image,
    states: new Map(states),
    secrets: [...read.secrets.values()].flat(),
    warnings: [...read.notes, ...sharedSecrets(read.secrets)],
  }
}

interface SecretsRead {
  /** By device; those that could be read. */
  readonly secrets: ReadonlyMap<string, readonly Secret[]>
  readonly problems: readonly Problem[]
  /** Of the store. */
  readonly notes: readonly string[]
}

/**
 * `API_KEY_1` must be there; `API_KEY_2` is for the overlap while keys are rotated. Keys of NTP are
 * those of the device and, where they are required, of the members that it follows.
 */
export async function readSecrets(
  fleet: Fleet,
  devices: readonly Device[],
  store: SecretStore,
): Promise<SecretsRead> {
  const found = new Map<string, readonly Secret[]>()
  const missed: Missed[] = []
  const { authenticate } = fleet.settings.clock
  const members = new Map(fleet.devices.map(({ name, address }) => [address, name]))
  const take = async (device: string, name: string, isNeeded: boolean): Promise<Secret[]> => {
    const secret = await store.read(device, name)
    if (secret.ok) return [secret.value]
    if (isNeeded || secret.failure.code !== 'missing') {
      missed.push({ device, failure: secret.failure })
    }
    return []
  }
  const ntpKeys = async ({ name: device, ntpServers }: Device): Promise<readonly Secret[]> => {
    if (authenticate === 'no') return []
    const own = [...(await take(device, ntpKeyName, true))]
    for (const name of otherNtpKeyNames) own.push(...(await take(device, name, false)))
    const sources = new Map<string, Secret>()
    for (const address of authenticate === 'require' ? ntpServers : []) {
      const member = members.get(address)
      const [key] = member === undefined ? [] : await take(member, ntpKeyName, true)
      if (key !== undefined) sources.set(address, key)
    }
    return ntpKeyLines(own.slice(0, 2), sources)
  }
  for (const device of devices) {
    found.set(device.name, [
      ...(await take(device.name, 'API_KEY_1', true)),
      ...(await take(device.name, 'API_KEY_2', false)),
      ...(await ntpKeys(device)),
    ])
  }
  const problems = problemsOf(missed, `(secrets from ${store.name})`)
  return { secrets: found, problems, notes: await store.notes() }
}

interface Missed {
  readonly device: string
  readonly failure: SecretFailure
}

/** One for devices that fail alike: the key of all that is missing is one mistake. */
function problemsOf(missed: readonly Missed[], file: string): Problem[] {
  const alike = Map.groupBy(missed, ({ failure }) => failure.detail)
  return [...alike].map(([detail, those]) => {
    const names = foldNames(those.map(({ device }) => device))
    const fix = those[0]?.failure.hint ?? null
    const isOfStore = those[0]?.failure.code === 'unavailable'
    return { file, line: null, column: null, what: isOfStore ? detail : `${names}: ${detail}`, fix }
  })
}
