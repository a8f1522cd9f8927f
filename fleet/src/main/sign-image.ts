/** Signs an image in a registry with a key of the operator. */
import { readFile } from 'node:fs/promises'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RegistryRefusal, SignedImage, SignOrder } from '../ports/images.ts'
import { signImage } from '../probes/images/sign-image.ts'
import type { RegistryFailure } from '../probes/registry-access.ts'
import { readSigningKey } from '../probes/signatures/signing-key.ts'
import { findManifest, openRepository } from './remote-image.ts'

const silenceMs = 60_000

export async function signInRegistry({
  reference,
  keyFile,
  ...order
}: SignOrder): Promise<Result<SignedImage, RegistryRefusal>> {
  const text = await readFile(keyFile, 'utf8').catch(() => null)
  if (text === null) return refused(`the key ${keyFile} cannot be read`)
  // Where cosign has it, too.
  const key = await readSigningKey(text, process.env['COSIGN_PASSWORD'] ?? null)
  if (!key.ok) return refused(`${keyFile} ${key.failure}`)
  const { session, read } = openRepository({
    ...{ ...order, reference, actions: 'pull,push', silenceMs },
  })
  const image = await findManifest(reference, read)
  if (!image.ok) return refused(image.failure.detail, image.failure.code)
  const signing = { session, read, key: key.value, nowUnixMs: Date.now() }
  const signed = await signImage(image.value, signing)
  if (!signed.ok) return refused(signed.failure.detail, signed.failure.code)
  const pem = key.value.shared.export({ type: 'spki', format: 'pem' })
  const { digest } = image.value
  return ok({ digest, state: signed.value, publicKey: pem })
}

function refused(
  detail: string,
  code?: RegistryFailure['code'],
): { readonly ok: false; readonly failure: RegistryRefusal } {
  return fail({ isDenied: code === 'unauthorized', detail })
}
