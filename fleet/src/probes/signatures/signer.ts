/** Who signs: a key, or whoever an identity token says (`keyless-signer.ts`). */
import { createHash, sign, type KeyObject } from 'node:crypto'
import { ok, type Result } from '@timeball/lib/result.ts'
import type { SignerIdentity } from '../../core/desired/signer-identity.ts'
import type { RegistryFailure } from '../registry-access.ts'
import type { SigningKey } from './signing-key.ts'

export const statementType = 'application/vnd.in-toto+json'

/** A Sigstore bundle, and what proves it. */
export interface MadeBundle {
  readonly bytes: Buffer
  readonly key: KeyObject
  /** `null`: nobody vouches for the key. */
  readonly identity: SignerIdentity | null
}

export interface Signer {
  /** `null`: each signature has a key of its own. */
  readonly key: KeyObject | null
  /** Of an in-toto statement. */
  readonly sign: (statement: Buffer) => Promise<Result<MadeBundle, RegistryFailure>>
}

export function keySigner({ secret, shared }: SigningKey): Signer {
  return {
    key: shared,
    async sign(artifact) {
      const [{ toDSSEBundle, bundleToJSON }, { dsse }] = await Promise.all([
        import('@sigstore/bundle'),
        import('@sigstore/core'),
      ])
      const signature = sign('sha256', dsse.preAuthEncoding(statementType, artifact), secret)
      // Without `keyHint`: cosign takes no envelope that names a key by something else than it would.
      const bundle = toDSSEBundle({ artifact, artifactType: statementType, signature })
      // As cosign calls a key: by the digest of what is public of it.
      const spki = shared.export({ type: 'spki', format: 'der' })
      const hint = createHash('sha256').update(spki).digest('base64')
      const verificationMaterial = {
        ...bundle.verificationMaterial,
        content: { $case: 'publicKey' as const, publicKey: { hint } },
      }
      const bytes = Buffer.from(JSON.stringify(bundleToJSON({ ...bundle, verificationMaterial })))
      return ok({ bytes, key: shared, identity: null })
    },
  }
}
