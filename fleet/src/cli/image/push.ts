/** `timeball image push`: brings an image that is kept beside the fleet into a registry. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { withRegistry } from '../../core/desired/carried-image.ts'
import { formatImageReference, type ImageReference } from '../../core/desired/image-reference.ts'
import { megabytes } from '../../core/megabytes.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Images, PushedImage } from '../../ports/images.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { isPlain, openForRegistry, registryReference, wrong } from './registry-option.ts'

export interface PushOptions extends FleetOptions {
  readonly image?: string
  readonly plainHttp?: boolean
}

export async function pushCommand(
  context: Context,
  ref: string,
  options: PushOptions,
): Promise<ExitCode> {
  const { terminal, stop } = context
  const to = targetOf(ref)
  if (!to.ok) return refuse(terminal, [to.failure])
  const side = await openForRegistry(context, options)
  if (!side.ok) return side.failure
  const { image, images } = side.value
  const target = formatImageReference(to.value)
  const name = await sourceOf(images, options.image, [target, image.ref])
  if (!name.ok) return refuse(terminal, [name.failure])

  const plainHttp = options.plainHttp ?? isPlain(image, to.value)
  const say = (line: string): void => terminal.say(`timeball: ${line}`)
  const onSent = (bytes: number, ofBytes: number): void =>
    terminal.progress(`${megabytes(bytes)} of ${megabytes(ofBytes)} sent`)
  const order = { name: name.value, to: to.value, plainHttp, signal: stop, say, onSent }
  const pushed = await images.push(order)
  terminal.progress('')
  const records = await openRecords(context, options.json)
  if (!pushed.ok) {
    terminal.say(`timeball: ${name.value} was not pushed: ${pushed.failure.detail}`)
    const exit = pushed.failure.isDenied ? exitCodes.unauthorised : exitCodes.failed
    return records?.result(exit, {}) ?? exit
  }
  const { digest, sent, there } = pushed.value
  records?.write({ type: 'image_push', image: name.value, name: target, digest, sent, there })
  if (records !== null) return records.result(exitCodes.done, { image: target })
  const isShadowed = (await images.list()).some((kept) => kept.name === target)
  for (const line of shown(target, pushed.value, isShadowed)) terminal.out(line)
  return exitCodes.done
}

/** `isShadowed`: devices would still get it from here, under this very name. */
function shown(
  target: string,
  { digest, sent, there }: PushedImage,
  isShadowed: boolean,
): readonly string[] {
  return [
    `${target}  ${digest}`,
    `${megabytes(sent.bytes)} sent; ${megabytes(there.bytes)} were there`,
    isShadowed
      ? `Next: timeball image prune ${target}, so that devices pull it from there`
      : `Next: image: ${target} in fleet.yaml, then timeball plan`,
  ]
}

function targetOf(text: string): Result<ImageReference, Problem> {
  const reference = registryReference(text)
  if (!reference.ok || reference.value.digest === null) return reference
  return fail(wrong('a name is wanted, without a digest', null))
}

/** The one that is named, or the first of these that is kept. */
async function sourceOf(
  images: Images,
  named: string | undefined,
  usual: readonly string[],
): Promise<Result<string, Problem>> {
  const kept = new Set((await images.list()).map(({ name }) => name))
  const wanted = named === undefined ? usual : [withRegistry(named)]
  const found = wanted.find((name) => kept.has(name))
  if (found !== undefined) return ok(found)
  const what = `${images.folder} has no ${wanted.at(-1) ?? ''}`
  return fail(wrong(what, 'timeball image build makes it; timeball image list shows what there is'))
}
