/** `timeball image pull`: keeps an image of a registry beside the fleet. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { imageRecord } from '../../api/records/image-record.ts'
import { megabytes } from '../../core/megabytes.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { isPlain, openForRegistry, registryReference, wrong } from './registry-option.ts'

export interface PullOptions extends FleetOptions {
  readonly plainHttp?: boolean
}

export async function pullCommand(
  context: Context,
  named: string | undefined,
  options: PullOptions,
): Promise<ExitCode> {
  const { terminal, stop } = context
  const side = await openForRegistry(context, options)
  if (!side.ok) return side.failure
  const { image, images } = side.value
  const ref = named ?? image.ref
  const reference = registryReference(ref)
  if (!reference.ok) return refuse(terminal, [reference.failure])
  // A name with a digest always comes from its registry, on devices too.
  if (reference.value.tag === null) {
    return refuse(terminal, [wrong('a name with a tag is wanted, to be kept under it', null)])
  }
  const plainHttp = options.plainHttp ?? isPlain(image, reference.value)
  const say = (line: string): void => terminal.say(`timeball: ${line}`)
  const pulled = await images.pull({ reference: reference.value, plainHttp, signal: stop, say })
  const records = await openRecords(context, options.json)
  if (!pulled.ok) {
    terminal.say(`timeball: ${ref} was not kept: ${pulled.failure.detail}`)
    const exit = pulled.failure.isDenied ? exitCodes.unauthorised : exitCodes.failed
    return records?.result(exit, {}) ?? exit
  }
  const { name, digest, platforms, sizeBytes } = pulled.value
  records?.write(imageRecord(pulled.value))
  if (records !== null) return records.result(exitCodes.done, { image: name })
  terminal.out(`${name}  ${digest}`)
  terminal.out(`${platforms.join(', ')}; ${megabytes(sizeBytes)} compressed`)
  terminal.out(`Kept in ${images.folder}; devices fetch it over SSH.`)
  return exitCodes.done
}
