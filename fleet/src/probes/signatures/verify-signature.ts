/**
 * Whether somebody whom the operator trusts has signed an image with cosign: as a bundle that
 * refers to it (cosign 3, `bundles.ts`), or under a tag beside it (cosign 1 and 2, `tag.ts`).
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import type { RegistryAccess, RegistryFailure } from '../registry-access.ts'
import { withinTime } from '../registry-request.ts'
import { readBundles } from './bundles.ts'
import type { Signature, SignedImage } from './signature.ts'
import { readTagged } from './tag.ts'

/** `file` names the key in messages; `pem` is its content (SubjectPublicKeyInfo). */
export interface SignatureKey {
  readonly file: string
  readonly pem: string
}

/**
 * - `bad-key`: not a public key of the kind that cosign makes
 * - `unsigned`: there are no signatures
 * - `not-trusted`: none of them was made with one of the keys for this digest
 */
export interface SignatureFailure {
  readonly code: 'bad-key' | 'unsigned' | 'not-trusted' | RegistryFailure['code']
  /** Printable. */
  readonly detail: string
}

/**
 * Verifies `name@sha256:…` and returns the file of the key that signed it: one signature by one key
 * is enough. Keys are ECDSA P-256 with SHA-256, as `cosign generate-key-pair` makes them; neither
 * certificates nor transparency logs are looked at. Anything but `ok` is a refusal.
 */
export async function verifySignature(
  image: string,
  keys: readonly SignatureKey[],
  access: RegistryAccess,
): Promise<Result<string, SignatureFailure>> {
  const parsed = parseImageReference(image)
  if (!parsed.ok) return fail({ code: 'bad-reference', detail: parsed.failure })
  const { digest } = parsed.value
  if (digest === null) return fail({ code: 'bad-reference', detail: 'only a digest can be signed' })
  const trusted = keys.map((key) => ({ file: key.file, key: readKey(key.pem) }))
  const wrong = trusted.find(({ key }) => key === null)
  if (wrong !== undefined) {
    return fail({ code: 'bad-key', detail: `${wrong.file} is no ECDSA P-256 public key` })
  }
  const signatures = await readSignatures({ ...parsed.value, digest }, access)
  if (!signatures.ok) {
    const { code, detail } = signatures.failure
    return fail({ code, detail: `signatures: ${detail}` })
  }
  const count = signatures.value.length
  if (count === 0) return fail({ code: 'unsigned', detail: `${digest} is not signed` })
  const signer = trusted.find(({ key }) =>
    signatures.value.some((isSignedBy) => key !== null && isSignedBy(key)),
  )
  if (signer !== undefined) return ok(signer.file)
  const all = `${count} ${count === 1 ? 'signature' : 'signatures'}`
  return fail({ code: 'not-trusted', detail: `none of ${all} of ${digest} is by a trusted key` })
}

/** Of both kinds: who signs anew with another cosign leaves the old ones where they are. */
async function readSignatures(
  image: SignedImage,
  access: RegistryAccess,
): Promise<Result<readonly Signature[], RegistryFailure>> {
  return await withinTime<readonly Signature[]>(image, access, async (timed) => {
    const [bundles, tagged] = await Promise.all([
      readBundles(image, timed),
      readTagged(image, timed),
    ])
    if (!bundles.ok) return bundles
    if (!tagged.ok) return tagged
    return ok([...bundles.value, ...tagged.value])
  })
}

function readKey(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
  } catch {
    return null
  }
}
