/** Fleet -> what each device should be: secrets are read and the image is resolved to a digest. */
import { desiredState } from '../core/desired/desired-state.ts'
import type { DesiredState } from '../core/desired/resource.ts'
import type { Device } from '../core/device/device.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Secret } from '../core/secrets/secret.ts'
import type { SecretFailure } from '../ports/secret-store.ts'
import type { Outside } from './outside.ts'

export interface Prepared {
  readonly fleet: Fleet
  /** The devices that were selected, in inventory order. */
  readonly devices: readonly Device[]
  readonly image: string
  readonly states: ReadonlyMap<string, DesiredState>
  /** All secrets in use, for the redactor. */
  readonly secrets: readonly Secret[]
  /** Why the desired states are not the whole truth, in `look` mode; `null`: they are. */
  readonly incomplete: string | null
}

export type PrepareFailure =
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
  | { readonly kind: 'image'; readonly detail: string }

/**
 * `change`: everything must be known. `offline`: nobody is contacted and the image stays as it was
 * written. `look`: health is looked at also without the keys, and while the registry is away. `back`:
 * both; what a device had before is on the device, and must be had back in every trouble.
 */
export type PrepareMode = 'change' | 'offline' | 'look' | 'back'

export async function prepare(
  fleet: Fleet,
  devices: readonly Device[],
  outside: Outside,
  options: { readonly mode: PrepareMode; readonly signal: AbortSignal },
): Promise<Result<Prepared, PrepareFailure>> {
  const read = await readSecrets(devices, outside)
  const needsKeys = options.mode === 'change' || options.mode === 'offline'
  if (read.problems.length > 0 && needsKeys) {
    return fail({ kind: 'problems', problems: read.problems })
  }
  const { ref, plain_http: plainHttp } = fleet.settings.image
  const image =
    options.mode === 'offline' || options.mode === 'back'
      ? ok(ref)
      : await outside.resolveImage(ref, plainHttp, options.signal)
  if (!image.ok && options.mode === 'change') {
    return fail({ kind: 'image', detail: `${ref}: ${image.failure.detail}` })
  }
  const release = { image: image.ok ? image.value : ref }
  const states = devices.map((device): [string, DesiredState] => {
    const secrets = read.secrets.get(device.name) ?? []
    return [device.name, desiredState({ device, settings: fleet.settings, release, secrets })]
  })
  const secrets = [...read.secrets.values()].flat()
  const missing = [read.problems[0]?.what, image.ok ? null : image.failure.detail]
  const incomplete = missing.find((what) => typeof what === 'string') ?? null
  return ok({
    fleet,
    devices,
    image: release.image,
    states: new Map(states),
    secrets,
    incomplete,
  })
}

interface SecretsRead {
  /** By device; those that could be read. */
  readonly secrets: ReadonlyMap<string, readonly Secret[]>
  readonly problems: readonly Problem[]
}

/** `API_KEY_1` must be there; `API_KEY_2` is for the overlap while keys are rotated. */
async function readSecrets(devices: readonly Device[], outside: Outside): Promise<SecretsRead> {
  const found = new Map<string, readonly Secret[]>()
  const failures = new Map<string, string>()
  for (const { name: device } of devices) {
    const first = await outside.secrets.read(device, 'API_KEY_1')
    const second = await outside.secrets.read(device, 'API_KEY_2')
    const secrets = [first, second].flatMap((secret) => (secret.ok ? [secret.value] : []))
    found.set(device, secrets)
    if (!first.ok) failures.set(describe(device, first.failure), device)
    if (!second.ok && second.failure.code !== 'missing') {
      failures.set(describe(device, second.failure), device)
    }
  }
  const file = `(secrets from ${outside.secrets.name})`
  const problems = [...failures.keys()].map((what) => ({
    file,
    line: null,
    column: null,
    what,
    fix: null,
  }))
  return { secrets: found, problems }
}

function describe(device: string, failure: SecretFailure): string {
  return `${device}: ${failure.detail}`
}
