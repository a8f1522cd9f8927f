/** What `image inspect` and `image verify` share: which image, and asking for what it says. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../../core/desired/image-reference.ts'
import { fail, type Result } from '@timeball/lib/result.ts'
import type { DescribedImage, Images, RegistryRefusal } from '../../ports/images.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { isPlain, wrong } from './registry-option.ts'

export interface DescribeOptions extends FleetOptions {
  readonly key?: readonly string[]
  readonly plainHttp?: boolean
}

/** The failure has been told. */
export async function describe(
  context: Context,
  ref: string | undefined,
  options: DescribeOptions,
): Promise<Result<DescribedImage, ExitCode>> {
  const { terminal, stop } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return fail(refuse(terminal, loaded.failure))
  const { image } = loaded.value.fleet.settings
  const wanted = ref ?? image.ref
  const parsed = parseImageReference(wanted)
  if (!parsed.ok) return fail(refuse(terminal, [wrong(parsed.failure, null)]))
  const images = await context.openImages(loaded.value)
  const isKept = await isKeptHere(images, parsed.value)
  // The registry of a fleet may be reached only from where its devices are.
  const keys = options.key ?? image.signature_keys
  const isHere = isKept && keys.length === 0
  const obstacle = isHere ? null : context.enterNetwork(loaded.value)
  if (obstacle !== null) return fail(refuse(terminal, [obstacle]))
  const described = await images.describe({
    ref: wanted,
    plainHttp: options.plainHttp ?? isPlain(image, parsed.value),
    keys,
    signal: stop,
  })
  return described.ok ? described : fail(await tell(context, wanted, described.failure, options))
}

async function isKeptHere(images: Images, reference: ImageReference): Promise<boolean> {
  const name = formatImageReference({ ...reference, tag: reference.tag ?? 'latest' })
  return (await images.list()).some((kept) => kept.name === name)
}

async function tell(
  context: Context,
  wanted: string,
  { isDenied, detail }: RegistryRefusal,
  { json }: DescribeOptions,
): Promise<ExitCode> {
  context.terminal.say(`timeball: ${wanted} cannot be read: ${detail}`)
  const exit = isDenied ? exitCodes.unauthorised : exitCodes.failed
  const records = await openRecords(context, json)
  return records?.result(exit, {}) ?? exit
}
