/** Signs an image in a registry, with a key of the operator or with the identity of a CI. */
import { readFile } from 'node:fs/promises'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RegistryRefusal, SignedImage, SignOrder } from '../ports/images.ts'
import { signImage } from '../probes/images/sign-image.ts'
import type { RegistryFailure } from '../probes/registry-access.ts'
import { keylessSigner } from '../probes/signatures/keyless-signer.ts'
import { keySigner, type Signer } from '../probes/signatures/signer.ts'
import { readSigningKey } from '../probes/signatures/signing-key.ts'
import { findManifest, openRepository } from './remote-image.ts'

const silenceMs = 60_000

export async function signInRegistry({
  reference,
  by,
  ...order
}: SignOrder): Promise<Result<SignedImage, RegistryRefusal>> {
  const signer = by.kind === 'key' ? await signerWith(by.file) : ok(keylessSigner(by))
  if (!signer.ok) return refused(signer.failure)
  const { session, read } = openRepository({
    ...{ ...order, reference, actions: 'pull,push', silenceMs },
  })
  const image = await findManifest(reference, read)
  if (!image.ok) return refused(image.failure.detail, image.failure.code)
  const signing = { session, read, signer: signer.value, nowUnixMs: Date.now() }
  const signed = await signImage(image.value, signing)
  if (!signed.ok) return refused(signed.failure.detail, signed.failure.code)
  const { key, identity, state } = signed.value
  const { digest } = image.value
  return ok({ digest, state, identity, publicKey: key.export({ type: 'spki', format: 'pem' }) })
}

async function signerWith(keyFile: string): Promise<Result<Signer, string>> {
  const text = await readFile(keyFile, 'utf8').catch(() => null)
  if (text === null) return fail(`the key ${keyFile} cannot be read`)
  // Where cosign has it, too.
  const key = await readSigningKey(text, process.env['COSIGN_PASSWORD'] ?? null)
  return key.ok ? ok(keySigner(key.value)) : fail(`${keyFile} ${key.failure}`)
}

function refused(
  detail: string,
  code?: RegistryFailure['code'],
): { readonly ok: false; readonly failure: RegistryRefusal } {
  return fail({ isDenied: code === 'unauthorized', detail })
}
