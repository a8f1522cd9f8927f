/**
 * Whether somebody whom the operator trusts has signed an image with cosign: as a bundle that
 * refers to it (cosign 3, `bundles.ts`), or under a tag beside it (cosign 1 and 2, `tag.ts`).
 */
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import { identityText, isIdentity } from '../../core/desired/signer-identity.ts'
import type { RegistryAccess, RegistryFailure } from '../registry-access.ts'
import { withinTime } from '../registry-request.ts'
import { readStatements, signaturesAmong } from './bundles.ts'
import { reader, type Read, type Signature, type SignedImage } from './signature.ts'
import { readTagged } from './tag.ts'
import { readTrust, type Trust, type TrustFiles } from './trust.ts'

/**
 * - `bad-key`: not a public key of the kind that cosign makes, or no trusted root
 * - `unsigned`: there are no signatures
 * - `not-trusted`: none of them was made for this digest by somebody who is trusted
 */
export interface SignatureFailure {
  readonly code: 'bad-key' | 'unsigned' | 'not-trusted' | RegistryFailure['code']
  /** Printable. */
  readonly detail: string
}

/**
 * Verifies `name@sha256:…` and returns who signed it, the file of a key or an identity: one signature
 * is enough. Where a key made it, no transparency log is asked for. Anything but `ok` is a refusal.
 */
export async function verifySignature(
  image: string,
  files: TrustFiles,
  access: RegistryAccess,
): Promise<Result<string, SignatureFailure>> {
  const parsed = parseImageReference(image)
  if (!parsed.ok) return fail({ code: 'bad-reference', detail: parsed.failure })
  const { digest } = parsed.value
  if (digest === null) return fail({ code: 'bad-reference', detail: 'only a digest can be signed' })
  const trusted = await readTrust(files)
  if (!trusted.ok) return fail({ code: 'bad-key', detail: trusted.failure })
  const of = { ...parsed.value, digest }
  const signatures = await withinTime(of, access, (timed) => readSignatures(of, reader(of, timed)))
  if (signatures.ok) return signerOf(digest, signatures.value, trusted.value)
  const { code, detail } = signatures.failure
  return fail({ code, detail: `signatures: ${detail}` })
}

/** The file of the first key that made one of the signatures, or the identity that made one. */
export function signerOf(
  digest: string,
  signatures: readonly Signature[],
  trust: Trust,
): Result<string, SignatureFailure> {
  const count = signatures.length
  if (count === 0) return fail({ code: 'unsigned', detail: `${digest} is not signed` })
  const signer = signatures.map((each) => trustedSigner(each, trust)).find((each) => each !== null)
  if (signer !== undefined) return ok(signer)
  const all = `${count} ${count === 1 ? 'signature' : 'signatures'}`
  const who = trust.identities.length === 0 ? 'key' : 'key or identity'
  const others = strangersAmong(signatures, trust)
  const found = others.length === 0 ? '' : `; signed by ${others.join(', ')}`
  return fail({
    code: 'not-trusted',
    detail: `none of ${all} of ${digest} is by a trusted ${who}${found}`,
  })
}

/** The file of the key, or the identity; `null`: nobody who is trusted. */
export function trustedSigner(
  { isBy, signerBy }: Signature,
  { keys, identities, material }: Trust,
): string | null {
  const key = keys.find((each) => isBy(each.key))
  if (key !== undefined) return key.file
  const signer = material === null ? null : signerBy(material)
  const isTrusted = signer !== null && identities.some((wanted) => isIdentity(wanted, signer))
  return isTrusted ? printable(identityText(signer), 400) : null
}

/** Identities that are proved, and not among those that are trusted. */
function strangersAmong(signatures: readonly Signature[], { material }: Trust): readonly string[] {
  if (material === null) return []
  const found = signatures.flatMap(({ signerBy }) => signerBy(material) ?? [])
  return [...new Set(found.map((each) => printable(identityText(each), 400)))].slice(0, 4)
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
