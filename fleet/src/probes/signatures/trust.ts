/** Whom an operator trusts: keys, and identities for which a certificate authority vouches. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import type { TrustMaterial } from '@sigstore/verify'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SignerIdentity } from '../../core/desired/signer-identity.ts'
import { parseJson } from '../parse-json.ts'

/** `file` names the key in messages; `pem` is its content (SubjectPublicKeyInfo). */
export interface SignatureKey {
  readonly file: string
  readonly pem: string
}

export interface TrustFiles {
  readonly keys: readonly SignatureKey[]
  readonly identities: readonly SignerIdentity[]
  /** Sigstore's trusted root (JSON): who issues certificates, and whose logs count; `null`: none. */
  readonly root: { readonly file: string; readonly text: string } | null
}

export interface TrustedKey {
  readonly file: string
  readonly key: KeyObject
}

export interface Trust {
  readonly keys: readonly TrustedKey[]
  readonly identities: readonly SignerIdentity[]
  /** `null`: no identity is trusted. */
  readonly material: TrustMaterial | null
}

export function isTrusting({ keys, identities }: Trust): boolean {
  return keys.length + identities.length > 0
}

/** Keys are ECDSA P-256 with SHA-256, as `cosign generate-key-pair` makes them. */
export async function readTrust(files: TrustFiles): Promise<Result<Trust, string>> {
  const keys: TrustedKey[] = []
  for (const { file, pem } of files.keys) {
    const key = readKey(pem)
    if (key === null) return fail(`${file} is no ECDSA P-256 public key`)
    keys.push({ file, key })
  }
  const { identities, root } = files
  if (identities.length === 0) return ok({ keys, identities, material: null })
  if (root === null) return fail('identities need a trusted root')
  const material = await materialOf(root.text)
  return material === null
    ? fail(`${root.file} is no trusted root of Sigstore`)
    : ok({ keys, identities, material })
}

function readKey(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
  } catch {
    return null
  }
}

/** Only whoever names identities waits for the libraries. */
async function materialOf(text: string): Promise<TrustMaterial | null> {
  const [{ TrustedRoot }, { toTrustMaterial }] = await Promise.all([
    import('@sigstore/protobuf-specs'),
    import('@sigstore/verify'),
  ])
  try {
    const root = TrustedRoot.fromJSON(parseJson(text))
    const isEmpty = root.certificateAuthorities.length === 0 || root.tlogs.length === 0
    return isEmpty ? null : toTrustMaterial(root)
  } catch {
    return null
  }
}
