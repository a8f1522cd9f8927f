/** `timeball image build`: from a clone or the package to an image that devices can get. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { imageRecord } from '../../api/records/image-record.ts'
import { withRegistry } from '../../core/desired/carried-image.ts'
import { formatImageReference, parseImageReference } from '../../core/desired/image-reference.ts'
import type { Device } from '../../core/device/device.ts'
import type { KeptImage } from '../../core/desired/kept-image.ts'
import { megabytes } from '../../core/megabytes.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { BuildOrder } from '../../ports/images.ts'
import type { Context, FleetOptions, LoadedFleet } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'

export interface BuildOptions extends FleetOptions {
  readonly platform: string
  readonly tag?: string
  readonly base?: string
  /** A device. */
  readonly on?: string
}

export async function buildCommand(context: Context, options: BuildOptions): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const { ref } = loaded.value.fleet.settings.image
  const order = orderOf(context, ref, options)
  if (!order.ok) return refuse(terminal, [order.failure])
  const on = await builderOf(context, loaded.value, options.on)
  if (!on.ok) return refuse(terminal, on.failure)

  const images = await context.openImages(loaded.value)
  const startMs = context.nowMs()
  const built = await images.build({ ...order.value, on: on.value })
  const records = await openRecords(context, options.json)
  if (!built.ok) {
    terminal.say(`timeball: the image was not built: ${built.failure}`)
    return records?.result(exitCodes.failed, {}) ?? exitCodes.failed
  }
  const { name } = built.value
  records?.write(imageRecord(built.value))
  if (records !== null) return records.result(exitCodes.done, { image: name })
  const tookMs = context.nowMs() - startMs
  const next = name === ref ? 'timeball apply' : `timeball rollout start --image ${name}`
  for (const line of shown(built.value, { tookMs, folder: images.folder, next })) terminal.out(line)
  return exitCodes.done
}

/** `null`: this machine. */
async function builderOf(
  context: Context,
  loaded: LoadedFleet,
  name: string | undefined,
): Promise<Result<Device | null, readonly Problem[]>> {
  if (name === undefined) return ok(null)
  const selected = await context.select(loaded, name)
  if (!selected.ok) return selected
  const [device, ...others] = selected.value
  if (device === undefined || others.length > 0) {
    return fail([wrong('--on', `${name} is ${selected.value.length} devices; one builds`)])
  }
  const obstacle = context.enterNetwork(loaded)
  return obstacle === null ? ok(device) : fail([obstacle])
}

function orderOf(
  { terminal, version, stop }: Context,
  ref: string,
  { tag, platform, base }: BuildOptions,
): Result<Omit<BuildOrder, 'on'>, Problem> {
  const named = nameOf(tag ?? ref)
  if (!named.ok) return fail(wrong('--tag', named.failure))
  const platforms = platformsOf(platform)
  if (!platforms.ok) return fail(wrong('--platform', platforms.failure))
  return ok({
    name: named.value.name,
    version: named.value.version ?? version,
    tool: version,
    platforms: platforms.value,
    base: base ?? null,
    signal: stop,
    say: (line) => terminal.say(`timeball: ${line}`),
  })
}

function shown(
  { name, digest, platforms, sizeBytes }: KeptImage,
  {
    tookMs,
    folder,
    next,
  }: { readonly tookMs: number; readonly folder: string; readonly next: string },
): string[] {
  const seconds = (tookMs / 1000).toFixed(0)
  return [
    `${name}  ${digest}`,
    `${platforms.join(', ')}; ${megabytes(sizeBytes)} compressed; built in ${seconds} s`,
    `Kept in ${folder}; devices fetch it over SSH.`,
    `Next: ${next}`,
  ]
}

/** 64-bit only: Node has no image for 32-bit ARM since version 24. */
const known: ReadonlySet<string> = new Set(['linux/arm64', 'linux/amd64'])

function platformsOf(text: string): Result<readonly string[], string> {
  const platforms = [...new Set(text.split(','))]
  const unknown = platforms.find((platform) => !known.has(platform))
  if (unknown === undefined) return ok(platforms)
  return fail(`'${unknown}': linux/arm64 (a Pi with a 64-bit system) and linux/amd64 are built`)
}

/** A name without a tag has the newest. */
function nameOf(
  text: string,
): Result<{ readonly name: string; readonly version: string | null }, string> {
  const parsed = parseImageReference(withRegistry(text))
  if (!parsed.ok) return parsed
  if (parsed.value.digest !== null) return fail('a name is wanted, without a digest')
  const tag = parsed.value.tag ?? 'latest'
  const version = /^\d+\.\d+\.\d+/.test(tag) ? tag : null
  return ok({ name: formatImageReference({ ...parsed.value, tag }), version })
}

function wrong(option: string, what: string): Problem {
  return { file: '(command line)', line: null, column: null, what: `${option}: ${what}`, fix: null }
}
