/** What `name:tag` is now, and whether somebody whom the operator trusts has signed it. */
import { readFile } from 'node:fs/promises'
import { formatImageReference, parseImageReference } from '../core/desired/image-reference.ts'
import type { Failure } from '../core/failure.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RegistryAccess } from '../probes/registry-access.ts'
import { resolveDigest } from '../probes/registry.ts'
import { verifySignature, type SignatureKey } from '../probes/signatures/verify-signature.ts'

/** `name@sha256:…`; with keys only when one of them has signed it. A refusal is `image-failed`. */
export async function resolveImage(
  ref: string,
  keyFiles: readonly string[],
  access: RegistryAccess,
): Promise<Result<string, Failure>> {
  const parsed = parseImageReference(ref)
  if (!parsed.ok) return refused(parsed.failure)
  const digest = await resolveDigest(ref, access)
  if (!digest.ok) return refused(digest.failure.detail)
  const image = formatImageReference({ ...parsed.value, tag: null, digest: digest.value })
  if (keyFiles.length === 0) return ok(image)
  const keys = await readKeys(keyFiles)
  if (!keys.ok) return refused(keys.failure)
  const signed = await verifySignature(image, keys.value, access)
  return signed.ok ? ok(image) : refused(signed.failure.detail)
}

async function readKeys(
  files: readonly string[],
): Promise<Result<readonly SignatureKey[], string>> {
  const keys: SignatureKey[] = []
  for (const file of files) {
    const pem = await readFile(file, 'utf8').catch(() => null)
    if (pem === null) return fail(`the signature key ${file} cannot be read`)
    keys.push({ file, pem })
  }
  return ok(keys)
}

function refused(detail: string): { readonly ok: false; readonly failure: Failure } {
  return fail({ code: 'image-failed', detail })
}
