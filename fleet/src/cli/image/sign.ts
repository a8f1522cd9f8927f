/** `timeball image sign`: signs an image in a registry, as cosign does. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { formatImageReference } from '../../core/desired/image-reference.ts'
import { identityText } from '../../core/desired/signer-identity.ts'
import type { SignedImage, SignOrder, SignWith } from '../../ports/images.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { isPlain, openForRegistry, registryReference, wrong } from './registry-option.ts'

export interface SignOptions extends FleetOptions {
  readonly key?: string
  readonly keyless?: boolean
  readonly fulcioUrl: string
  readonly rekorUrl: string
  readonly plainHttp?: boolean
}

export async function signCommand(
  context: Context,
  ref: string,
  options: SignOptions,
): Promise<ExitCode> {
  const { terminal, stop } = context
  const asked = askedFor(ref, options)
  if (!asked.ok) return refuse(terminal, [asked.failure])
  const { reference, by } = asked.value
  const side = await openForRegistry(context, options)
  if (!side.ok) return side.failure
  const { image, images } = side.value
  const signed = await images.sign({
    reference,
    by,
    plainHttp: options.plainHttp ?? isPlain(image, reference),
    signal: stop,
  })
  const name = formatImageReference(reference)
  const records = await openRecords(context, options.json)
  if (!signed.ok) {
    terminal.say(`timeball: ${name} was not signed: ${signed.failure.detail}`)
    const exit = signed.failure.isDenied ? exitCodes.unauthorised : exitCodes.failed
    return records?.result(exit, {}) ?? exit
  }
  const { publicKey, ...rest } = signed.value
  const public_key = rest.identity === null ? publicKey : null
  records?.write({ type: 'image_signature', image: name, ...rest, public_key })
  if (records !== null) return records.result(exitCodes.done, { image: name })
  for (const line of shown(name, signed.value)) terminal.out(line)
  return exitCodes.done
}

function shown(name: string, { digest, state, identity }: SignedImage): readonly string[] {
  const whom = identity === null ? '' : ` by ${identityText(identity)}`
  const named =
    identity === null
      ? 'image.signature_keys in fleet.yaml names the public key'
      : 'image.signature_identities in fleet.yaml names the identity'
  return [
    `${name}  ${digest}`,
    state === 'signed' ? `Signed${whom}.` : 'This key has signed it before.',
    `Next: ${named}, then timeball image verify ${name}`,
  ]
}

function askedFor(
  ref: string,
  options: SignOptions,
): Result<Pick<SignOrder, 'reference' | 'by'>, Problem> {
  const reference = registryReference(ref)
  if (!reference.ok) return reference
  const by = signWith(options)
  if (by === null) return fail(wrong('one of --key FILE and --keyless is wanted', null))
  return ok({ reference: reference.value, by })
}

/** `null`: neither, or both. */
function signWith({ key, keyless, fulcioUrl, rekorUrl }: SignOptions): SignWith | null {
  if (key !== undefined) return keyless === true ? null : { kind: 'key', file: key }
  return keyless === true ? { kind: 'keyless', fulcioUrl, rekorUrl } : null
}
