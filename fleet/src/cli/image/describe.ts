/** What `image inspect` and `image verify` share: which image, and asking for what it says. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { DescribedImage } from '../../ports/images.ts'
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
  const described = await images.describe({
    ref: wanted,
    plainHttp: options.plainHttp ?? isPlain(image, parsed.value),
    keys: options.key ?? image.signature_keys,
    signal: stop,
  })
  if (described.ok) return ok(described.value)
  terminal.say(`timeball: ${wanted} cannot be read: ${described.failure.detail}`)
  const exit = described.failure.isDenied ? exitCodes.unauthorised : exitCodes.failed
  const records = await openRecords(context, options.json)
  return fail(records?.result(exit, {}) ?? exit)
}
