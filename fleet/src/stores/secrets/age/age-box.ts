/** Encrypts texts with age and decrypts them. The library is loaded for the first one. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure } from '../../../ports/secret-store.ts'
import { once } from '../once.ts'
import { findIdentities, type IdentitySources } from './identities.ts'

export type Seal = (value: string) => Promise<string>

export interface AgeBox {
  /** `what` names the text, for the failure. */
  readonly open: (armored: string, what: string) => Promise<Result<string, SecretFailure>>
  readonly sealFor: (recipients: readonly string[]) => Promise<Result<Seal, SecretFailure>>
}

export function ageBox(sources: IdentitySources): AgeBox {
  const library = once(() => import('age-encryption'))
  const opener = once(async () => {
    const { Decrypter, armor } = await library()
    const identities = await findIdentities(await library(), sources)
    if (!identities.ok) return identities
    const decrypter = new Decrypter()
    for (const identity of identities.value) decrypter.addIdentity(identity)
    return ok(async (text: string) => await decrypter.decrypt(armor.decode(text), 'text'))
  })
  return {
    async open(armored, what) {
      const decrypt = await opener()
      if (!decrypt.ok) return decrypt
      try {
        return ok(await decrypt.value(armored))
      } catch {
        const hint = 'somebody who can read it runs: timeball secrets rekey --recipient age1…'
        const detail = `${what} is for other recipients than this identity, or is damaged`
        return fail({ code: 'unavailable', detail, hint })
      }
    },
    async sealFor(recipients) {
      const { Encrypter, armor } = await library()
      const encrypter = new Encrypter()
      for (const [index, recipient] of recipients.entries()) {
        try {
          encrypter.addRecipient(recipient)
        } catch {
          // Not quoted: it might be the identity.
          const detail = `recipient ${index + 1} of ${recipients.length} is damaged`
          return fail({ code: 'unavailable', detail, hint: 'age-keygen -y FILE prints it' })
        }
      }
      return ok(async (value) => armor.encode(await encrypter.encrypt(value)))
    },
  }
}
