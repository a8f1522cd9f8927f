/** Secrets in `secrets.age.yaml`, each encrypted with age by itself. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import {
  ageSealing,
  editSealedFile,
  withRecipients,
  type SealedChange,
} from '../../../core/secrets/sealed-file.ts'
import { formatPlace, type SecretChange, type SecretPlace } from '../../../core/secrets/place.ts'
import { Secret } from '../../../core/secrets/secret.ts'
import type { SecretFailure, SecretStore } from '../../../ports/secret-store.ts'
import { readKept } from '../read-kept.ts'
import {
  changeSealed,
  sealedReader,
  unavailable,
  type EditFile,
  type OpenedFile,
} from '../sealed-files.ts'
import { ageBox, type AgeBox, type Seal } from './age-box.ts'
import type { IdentitySources } from './identities.ts'

export interface AgeStoreOptions {
  readonly path: string
  readonly identities: IdentitySources
}

export function ageStore({ path, identities }: AgeStoreOptions): SecretStore {
  const box = ageBox(identities)
  const file = sealedReader(path, ageSealing)

  async function get(place: SecretPlace): Promise<Result<Secret, SecretFailure>> {
    const found = await file()
    if (!found.ok) return found
    const sealed = found.value.secrets.find(
      ({ device, name }) => device === place.device && name === place.name,
    )
    if (sealed === undefined) {
      return fail({ code: 'missing', detail: `${path} has no ${place.name}`, hint: null })
    }
    const clear = await box.open(sealed.text, `${path}: ${formatPlace(place)}`)
    return clear.ok ? ok(new Secret(place.name, clear.value)) : clear
  }

  const change = (edit: EditFile) => changeSealed(path, ageSealing, edit)

  return {
    name: path,
    notes: async () => notesOf(path, await file()),
    read: (device, name) => readKept(get, device, name),
    get,
    async list() {
      const found = await file()
      if (!found.ok) return found
      const { secrets } = found.value
      return ok(secrets.map(({ device, name, setAtUnixMs }) => ({ device, name, setAtUnixMs })))
    },
    write: async (changes) => {
      if (changes.length === 0) return ok(null)
      return await change(async ({ text, recipients }) => {
        const seal = await sealerFor(box, path, recipients)
        return seal.ok
          ? ok(editSealedFile(text, await sealAll(changes, seal.value), ageSealing))
          : seal
      })
    },
    async rekey(wanted) {
      let recipients = wanted
      const changed = await change(async (found) => {
        if (wanted.length === 0) ({ recipients } = found)
        const seal = await sealerFor(box, path, recipients)
        const sealed = seal.ok ? await sealAnew(found, box, seal.value) : seal
        if (!sealed.ok) return sealed
        return ok(editSealedFile(withRecipients(found.text, recipients), sealed.value, ageSealing))
      })
      return changed.ok ? ok(recipients) : changed
    },
  }
}

function notesOf(path: string, file: Result<OpenedFile, SecretFailure>): string[] {
  if (!file.ok || file.value.recipients.length !== 1) return []
  return [
    `${path} has one recipient: when its identity is lost, so are all keys (timeball secrets rekey)`,
  ]
}

async function sealerFor(
  box: AgeBox,
  path: string,
  recipients: readonly string[],
): Promise<Result<Seal, SecretFailure>> {
  if (recipients.length > 0) return await box.sealFor(recipients)
  const hint = 'timeball secrets rekey --recipient age1… --recipient age1…'
  return unavailable(`${path} names no recipients`, hint)
}

async function sealAll(
  changes: readonly SecretChange[],
  seal: Seal,
): Promise<readonly SealedChange[]> {
  const sealed = changes.map(async ({ secret, ...place }) => ({
    ...place,
    text: secret === null ? null : await seal(secret.reveal()),
  }))
  return await Promise.all(sealed)
}

async function sealAnew(
  { path, secrets }: OpenedFile,
  box: AgeBox,
  seal: Seal,
): Promise<Result<readonly SealedChange[], SecretFailure>> {
  const sealed: SealedChange[] = []
  for (const { text, setAtUnixMs: atUnixMs, device, name } of secrets) {
    const clear = await box.open(text, `${path}: ${formatPlace({ device, name })}`)
    if (!clear.ok) return clear
    sealed.push({ device, name, text: await seal(clear.value), atUnixMs })
  }
  return ok(sealed)
}
