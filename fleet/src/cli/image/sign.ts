/** `timeball image sign`: signs an image in a registry with a key, as cosign does. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { formatImageReference } from '../../core/desired/image-reference.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { isPlain, openForRegistry, registryReference } from './registry-option.ts'

export interface SignOptions extends FleetOptions {
  readonly key: string
  readonly plainHttp?: boolean
}

export async function signCommand(
  context: Context,
  ref: string,
  options: SignOptions,
): Promise<ExitCode> {
  const { terminal, stop } = context
  const reference = registryReference(ref)
  if (!reference.ok) return refuse(terminal, [reference.failure])
  const side = await openForRegistry(context, options)
  if (!side.ok) return side.failure
  const { image, images } = side.value
  const signed = await images.sign({
    reference: reference.value,
    keyFile: options.key,
    plainHttp: options.plainHttp ?? isPlain(image, reference.value),
    signal: stop,
  })
  const name = formatImageReference(reference.value)
  const records = await openRecords(context, options.json)
  if (!signed.ok) {
    terminal.say(`timeball: ${name} was not signed: ${signed.failure.detail}`)
    const exit = signed.failure.isDenied ? exitCodes.unauthorised : exitCodes.failed
    return records?.result(exit, {}) ?? exit
  }
  const { digest, state, publicKey } = signed.value
  records?.write({ type: 'image_signature', image: name, digest, state, public_key: publicKey })
  if (records !== null) return records.result(exitCodes.done, { image: name })
  terminal.out(`${name}  ${digest}`)
  terminal.out(state === 'signed' ? 'Signed.' : 'This key has signed it before.')
  const next = 'timeball image verify'
  terminal.out(
    `Next: image.signature_keys in fleet.yaml names the public key, then ${next} ${name}`,
  )
  return exitCodes.done
}
