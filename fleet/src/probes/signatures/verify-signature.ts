/**
 * Whether somebody whom the operator trusts has signed an image with cosign: as a bundle that
 * refers to it (cosign 3, `bundles.ts`), or under a tag beside it (cosign 1 and 2, `tag.ts`).
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import type { RegistryAccess, RegistryFailure } from '../registry-access.ts'
import { withinTime } from '../registry-request.ts'
import { readStatements, signaturesAmong } from './bundles.ts'
import { reader, type Read, type Signature, type SignedImage } from './signature.ts'
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
  const trusted = trustedKeys(keys)
  if (!trusted.ok) return trusted
  const of = { ...parsed.value, digest }
  const signatures = await withinTime(of, access, (timed) => readSignatures(of, reader(of, timed)))
  if (signatures.ok) return signerOf(digest, signatures.value, trusted.value)
  const { code, detail } = signatures.failure
  return fail({ code, detail: `signatures: ${detail}` })
}

export interface TrustedKey {
  readonly file: string
  readonly key: KeyObject
}

export function trustedKeys(
  keys: readonly SignatureKey[],
): Result<readonly TrustedKey[], SignatureFailure> {
  const trusted: TrustedKey[] = []
  for (const { file, pem } of keys) {
    const key = readKey(pem)
    if (key === null) {
      return fail({ code: 'bad-key', detail: `${file} is no ECDSA P-256 public key` })
    }
    trusted.push({ file, key })
  }
  return ok(trusted)
}

/** The file of the first key that made one of the signatures. */
export function signerOf(
  digest: string,
  signatures: readonly Signature[],
  keys: readonly TrustedKey[],
): Result<string, SignatureFailure> {
  const count = signatures.length
  if (count === 0) return fail({ code: 'unsigned', detail: `${digest} is not signed` })
  const signer = keys.find(({ key }) => signatures.some((isSignedBy) => isSignedBy(key)))
  if (signer !== undefined) return ok(signer.file)
  const all = `${count} ${count === 1 ? 'signature' : 'signatures'}`
  return fail({ code: 'not-trusted', detail: `none of ${all} of ${digest} is by a trusted key` })
}

/** Of both kinds: who signs anew with another cosign leaves the old ones where they are. */
async function readSignatures(
  image: SignedImage,
  read: Read,
): Promise<Result<readonly Signature[], RegistryFailure>> {
  const [statements, tagged] = await Promise.all([
    readStatements(image, read, 'signatures'),
    readTagged(image, read),
  ])
  if (!statements.ok) return statements
  if (!tagged.ok) return tagged
  return ok([...signaturesAmong(statements.value), ...tagged.value])
}

function readKey(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
  } catch {
    return null
  }
}
