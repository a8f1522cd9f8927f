/** What `image inspect` and `image verify` share: which image, and asking for what it says. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../../core/desired/image-reference.ts'
import { withRegistry } from '../../core/desired/carried-image.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { wantsSignature, type SignerSettings } from '../../core/desired/settings.ts'
import type { DescribedImage, Images, RegistryRefusal } from '../../ports/images.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { isPlain, wrong } from './registry-option.ts'

export interface DescribeOptions extends FleetOptions {
  readonly key?: readonly string[]
  readonly identity?: string
  readonly issuer?: string
  readonly trustedRoot?: string
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
  const wanted = withRegistry(ref ?? image.ref)
  const parsed = parseImageReference(wanted)
  if (!parsed.ok) return fail(refuse(terminal, [wrong(parsed.failure, null)]))
  const images = await context.openImages(loaded.value)
  const isKept = await isKeptHere(images, parsed.value)
  // The registry of a fleet may be reached only from where its devices are.
  const signers = signersOf(options, image)
  if (!signers.ok) return fail(refuse(terminal, [signers.failure]))
  const isHere = isKept && !wantsSignature(signers.value)
  const obstacle = isHere ? null : context.enterNetwork(loaded.value)
  if (obstacle !== null) return fail(refuse(terminal, [obstacle]))
  const described = await images.describe({
    ref: wanted,
    plainHttp: options.plainHttp ?? isPlain(image, parsed.value),
    signers: signers.value,
    signal: stop,
  })
  return described.ok ? described : fail(await tell(context, wanted, described.failure, options))
}

/** Those that are named on the command line, or those of the fleet. */
function signersOf(
  { key, identity, issuer, trustedRoot }: DescribeOptions,
  image: SignerSettings,
): Result<SignerSettings, Problem> {
  const trusted_root = trustedRoot ?? image.trusted_root
  if (identity === undefined && issuer === undefined) {
    const none = key === undefined ? {} : { signature_keys: key, signature_identities: [] }
    return ok({ ...image, ...none, trusted_root })
  }
  if (identity === undefined || issuer === undefined) {
    return fail(wrong('--identity and --issuer go together', null))
  }
  if (trusted_root === undefined) {
    return fail(wrong('identities need a trusted root', 'Name it with --trusted-root FILE'))
  }
  const signature_identities = [{ issuer, identity }]
  return ok({ signature_keys: key ?? [], signature_identities, trusted_root })
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
