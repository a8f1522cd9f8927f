/**
 * Secrets in one document of a KV store, version 2, of HashiCorp Vault or OpenBao: a change of many
 * is one write with check-and-set, so that all of it is there or nothing.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { VaultAuth } from '../../../core/secrets/vault-settings.ts'
import {
  comparePlaces,
  formatPlace,
  parsePlace,
  type KeptSecret,
  type SecretChange,
  type SecretPlace,
} from '../../../core/secrets/place.ts'
import { Secret } from '../../../core/secrets/secret.ts'
import type { SecretFailure, SecretStore } from '../../../ports/secret-store.ts'
import { readKept } from '../read-kept.ts'
import { unavailable } from '../sealed-files.ts'
import { askVault, fieldOf, refusalOf, type VaultAnswer, type VaultPlace } from './vault-client.ts'
import { tokens } from './vault-login.ts'

export interface KvStoreOptions extends VaultPlace {
  readonly auth: VaultAuth
  /** Of the KV store. */
  readonly mount: string
  /** Of the document in it. */
  readonly path: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Monotonic. */
  readonly nowMs: () => number
}

/** The document: values by `API_KEY_1` or `pi-gps-01/API_KEY_1`, and when each was set. */
interface Kept {
  readonly values: ReadonlyMap<string, string>
  readonly setAt: ReadonlyMap<string, string>
  /** For check-and-set; 0: there is none yet. */
  readonly version: number
}

/** Whoever reads the keys of a whole fleet asks once; a controller that runs on sees what changes. */
const freshMs = 5_000
const datesKey = 'set_at'

export function kvStore(options: KvStoreOptions): SecretStore {
  const name = nameOf(options)
  const document = openDocument(options)

  async function get(place: SecretPlace): Promise<Result<Secret, SecretFailure>> {
    const kept = await document.read()
    if (!kept.ok) return kept
    const value = kept.value.values.get(formatPlace(place))
    if (value !== undefined) return ok(new Secret(place.name, value))
    return fail({ code: 'missing', detail: `${name} has no ${place.name}`, hint: null })
  }

  return {
    name,
    notes: () => Promise.resolve([]),
    read: (device, secret) => readKept(get, device, secret),
    get,
    async list() {
      const kept = await document.read()
      return kept.ok ? ok(listOf(kept.value)) : kept
    },
    write: async (changes) => (changes.length === 0 ? ok(null) : await document.write(changes)),
    rekey: () => Promise.resolve(encryptsItself),
  }
}

const encryptsItself = fail({
  code: 'refused',
  detail: 'Vault encrypts what it keeps by itself',
  hint: 'who may read it is said by its policies',
} as const)

function nameOf({ address, mount, path }: KvStoreOptions): string {
  return `${address} ${mount}/${path}`
}

interface KvDocument {
  read(): Promise<Result<Kept, SecretFailure>>
  write(changes: readonly SecretChange[]): Promise<Result<null, SecretFailure>>
}

function openDocument(options: KvStoreOptions): KvDocument {
  const { nowMs } = options
  const ask = asker(options)
  let known: { readonly kept: Promise<Result<Kept, SecretFailure>>; readonly atMs: number } | null =
    null

  async function readNow(): Promise<Result<Kept, SecretFailure>> {
    const answer = await ask('GET')
    return answer.ok ? keptIn(options, answer.value) : answer
  }

  return {
    read() {
      if (known === null || nowMs() - known.atMs >= freshMs) {
        known = { kept: readNow(), atMs: nowMs() }
      }
      return known.kept
    },
    async write(changes) {
      const before = await readNow()
      if (!before.ok) return before
      const data = changed(before.value, changes)
      const answer = await ask('POST', { options: { cas: before.value.version }, data })
      known = null
      if (!answer.ok) return answer
      if (answer.value.status === 200 || answer.value.status === 204) return ok(null)
      const isTooLate = answer.value.errors.some((each) => each.includes('check-and-set'))
      return isTooLate
        ? unavailable(`${nameOf(options)} was changed meanwhile by somebody else`, 'run it again')
        : refusalOf(options, answer.value)
    },
  }
}

type Ask = (method: 'GET' | 'POST', body?: unknown) => Promise<Result<VaultAnswer, SecretFailure>>

function asker(options: KvStoreOptions): Ask {
  const { address, mount, path } = options
  const giveToken = tokens({ ...options, place: options })
  return async (method, body) => {
    const token = await giveToken()
    if (!token.ok) return token
    const question = { method, path: `${mount}/data/${path}`, token: token.value, body }
    const answer = await askVault(options, question)
    if (!answer.ok || answer.value.status !== 403) return answer
    if (await isExpired(options, token.value)) {
      return unavailable(`the token for ${address} has expired, or was revoked`, 'get a new one')
    }
    const what = method === 'GET' ? 'to read' : 'to write'
    return unavailable(
      `${address} does not allow ${what} ${mount}/${path}`,
      'its policy has to: read, create and update of that path below data/',
    )
  }
}

/** Asked where a token was refused: whether it is the token, or what it may do. */
async function isExpired(place: VaultPlace, token: string): Promise<boolean> {
  const answer = await askVault(place, { method: 'GET', path: 'auth/token/lookup-self', token })
  return answer.ok && answer.value.status === 403
}

function keptIn(place: KvStoreOptions, answer: VaultAnswer): Result<Kept, SecretFailure> {
  const { status, body, errors } = answer
  const { address, mount, path } = place
  const metadata = fieldOf(body, 'data', 'metadata')
  const version = fieldOf(metadata, 'version')
  if (status === 404) {
    if (metadata === undefined && errors.length === 0) {
      return ok({ values: new Map(), setAt: new Map(), version: 0 })
    }
    if (metadata === undefined) return refusalOf(place, answer)
    const was = fieldOf(metadata, 'destroyed') === true ? 'destroyed' : 'deleted'
    const hint = was === 'deleted' ? `vault kv undelete -mount=${mount} ${path}` : null
    return unavailable(`${address}: the newest version of ${mount}/${path} was ${was}`, hint)
  }
  const data = fieldOf(body, 'data', 'data')
  if (status !== 200) return refusalOf(place, answer)
  if (typeof version !== 'number' || typeof data !== 'object' || data === null) {
    return unavailable(`${mount} of ${address} is no KV store of version 2`, 'see secrets.mount')
  }
  return ok({ values: textsOf(data), setAt: textsOf(fieldOf(data, datesKey)), version })
}

/** Members that are no text are left alone, and lost with the next write. */
function textsOf(value: unknown): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map()
  return new Map(
    Object.entries(value).flatMap(([key, text]) =>
      typeof text === 'string' && parsePlace(key) !== null ? [[key, text]] : [],
    ),
  )
}

function changed(
  { values, setAt }: Kept,
  changes: readonly SecretChange[],
): Readonly<Record<string, unknown>> {
  const next = new Map(values)
  const dates = new Map(setAt)
  for (const { secret, atUnixMs, ...place } of changes) {
    const key = formatPlace(place)
    if (secret === null) {
      next.delete(key)
      dates.delete(key)
    } else {
      next.set(key, secret.reveal())
      dates.set(key, new Date(atUnixMs).toISOString())
    }
  }
  return { ...Object.fromEntries(next), [datesKey]: Object.fromEntries(dates) }
}

function listOf({ values, setAt }: Kept): readonly KeptSecret[] {
  return [...values.keys()]
    .flatMap((key): KeptSecret[] => {
      const place = parsePlace(key)
      if (place === null) return []
      const at = Date.parse(setAt.get(key) ?? '')
      return [{ ...place, setAtUnixMs: Number.isNaN(at) ? null : at }]
    })
    .toSorted(comparePlaces)
}
