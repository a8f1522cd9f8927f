/**
 * What is sent to a device for one operation. The manifest's lines are described in
 * docs/device-protocol.md; the applier is passed in, since reading it is an effect.
 */
import { nameOnDevice } from '../desired/carried-image.ts'
import type { DesiredState, PackageResource, Resource } from '../desired/resource.ts'
import { revealContent } from '../desired/resource.ts'
import * as paths from '../desired/paths.ts'
import { sha256Hex } from '../hash/sha256.ts'
import type { DevicePlan } from '../plan/change.ts'
import { watchLeftReceiver } from '../plan/left-receiver.ts'
import type { Observed } from '../plan/observed.ts'
import { finalFiles, secretHolders, type FinalFile } from '../plan/plan-files.ts'
import { isMode, type Applier, type Mode } from './applier.ts'
import { withKey } from './remember.ts'
import { shadowName } from './shadow-name.ts'
import { encodeTar } from './tar.ts'

/** What all operations carry. */
export interface Operation {
  /** `[A-Za-z0-9-]{1,64}`: a finished operation is answered from the device's record. */
  readonly id: string
  /** 32 hex digits. */
  readonly nonce: string
  /** Fencing: the device refuses a lower one than it has seen. */
  readonly epoch: number
}

export type Manifest = readonly string[]

export interface ObserveOptions {
  /** Also counts the errors that the containers logged in so many seconds before. */
  readonly logSeconds?: number
  /** Also looks at the shadow, and at its log where that is asked for. */
  readonly shadow?: boolean
  /** Looks even where the device could tell that nothing has changed since the last time. */
  readonly full?: boolean
}

/** Looks at everything that the desired state names, and changes nothing. */
export function observeManifest(
  desired: DesiredState,
  operation: Operation,
  { logSeconds, shadow = false, full = false }: ObserveOptions = {},
): Manifest {
  const shadows = shadow ? [shadowName] : []
  const containers = desired.resources.flatMap((resource) =>
    resource.kind === 'compose' ? [resource.container] : [],
  )
  const logs = logSeconds === undefined ? [] : [...containers, ...shadows]
  return [
    ...head('observe', { ...operation, epoch: 0 }),
    ...desired.resources.flatMap(watch),
    ...watchLeftReceiver(desired),
    ...shadows.map((name) => `watch-container ${name}`),
    ...logs.map((name) => `watch-log ${name} ${Math.ceil(logSeconds ?? 0)}`),
    'watch-boot-config',
    'watch-disk /',
    ...(logSeconds === undefined ? [full ? 'remember-anew' : 'remember'] : []),
  ]
}

function watch(resource: Resource): string[] {
  switch (resource.kind) {
    case 'package':
      return [`watch-package ${resource.name}`]
    case 'file':
      return [`watch-file ${resource.path} ${resource.view}`]
    case 'service':
      return [`watch-service ${resource.name}`]
    case 'compose':
      return [`watch-container ${resource.container}`]
    case 'image':
      return [`watch-image ${nameOnDevice(resource.ref)}`]
    case 'line':
      return []
  }
}

export interface ApplyInput {
  readonly desired: DesiredState
  readonly observed: Observed
  readonly plan: DevicePlan
  readonly stateDigest: string
  readonly confirmSeconds: number
  /** The device changes nothing (`no-way-back`) unless it could activate what it has now again. */
  readonly proveWayBack?: boolean
  /** `host:port`, as the device sees it, of who has the image that comes from no registry. */
  readonly imageSource?: string | undefined
}

/** The whole desired state, so that the generation can be activated again later. */
export function applyManifest(input: ApplyInput, operation: Operation): Manifest {
  const { desired, observed, plan } = input
  const files = finalFiles(desired, observed)
  return [
    ...head('apply', operation),
    `base-generation ${plan.baseGeneration}`,
    `observed-nonce ${observed.nonce}`,
    `state ${input.stateDigest}`,
    `confirm-seconds ${input.confirmSeconds}`,
    ...(input.proveWayBack === true ? ['prove-way-back'] : []),
    ...desired.resources.flatMap((resource) => earlyLines(resource)),
    ...sourceLine(input.imageSource),
    ...files.map((file, index) => fileLine(file, index, plan)),
    ...secretHolders(desired).map(({ path }) => `secrets ${path}`),
    ...desired.resources.flatMap((resource) => lateLines(resource)),
    ...(observed.bootConfig === null ? [] : [`reboot-when ${observed.bootConfig.path}`]),
  ]
}

function earlyLines(resource: Resource): string[] {
  if (resource.kind === 'package') return [packageLine(resource)]
  if (resource.kind === 'image') return [`image ${nameOnDevice(resource.ref)}`]
  return []
}

export function sourceLine(imageSource: string | undefined): string[] {
  return imageSource === undefined ? [] : [`image-source ${imageSource}`]
}

function packageLine({ name, version }: PackageResource): string {
  return version === undefined ? `package ${name}` : `package ${name} ${version}`
}

function fileLine(file: FinalFile, index: number, plan: DevicePlan): string {
  const before = plan.files.find(({ path }) => path === file.path)?.before ?? 'absent'
  return `file ${index} ${sha256Hex(revealContent(file.content))} ${file.mode} ${before} ${file.path}`
}

function lateLines(resource: Resource): string[] {
  if (resource.kind === 'compose') {
    return [`compose ${resource.directory} ${resource.file} ${resource.container}`]
  }
  if (resource.kind !== 'service') return []
  if (resource.want === 'disabled') return [`service ${resource.name} disable`]
  return [['service', resource.name, 'restart', ...resource.restartFor].join(' ')]
}

export function confirmManifest(generation: number, operation: Operation): Manifest {
  return [...head('confirm', operation), `generation ${generation}`]
}

/**
 * The rollback to an older generation, as a new one, from what is kept on the device: no registry is
 * needed while its image is there. Nothing confirms or reverts it: when it is cut short, or something
 * cannot be done, the device goes on with it after `retrySeconds` and at its next boot. Fails with
 * `moved` when the generation is not kept any more. What is kept has no secrets: `secrets` are those
 * of today, the files of the bundle; for a file that is not among them the device's own of now count.
 */
export function activateManifest(
  input: {
    readonly generation: number
    readonly retrySeconds: number
    readonly secrets: readonly FinalFile[]
  },
  operation: Operation,
): Manifest {
  return [
    ...head('activate', operation),
    `generation ${input.generation}`,
    `retry-seconds ${input.retrySeconds}`,
    ...input.secrets.map(({ path }, index) => `secrets ${path} ${index}`),
  ]
}

export function revertManifest(operation: Operation): Manifest {
  return head('revert', operation)
}

export function rebootManifest(operation: Operation): Manifest {
  return head('reboot', operation)
}

/** From now on the device has seen the epoch of this operation, and no higher one. */
export function reseatManifest(operation: Operation): Manifest {
  return head('reseat', operation)
}

/** The container and our files go; what is the machine's own steers its clock again. */
export function retireManifest(operation: Operation): Manifest {
  const { composeFile, composePath, containerName, environmentPath, projectDirectory } = paths
  return [
    ...head('retire', operation),
    `compose ${projectDirectory} ${composeFile} ${containerName}`,
    `remove ${environmentPath}`,
    `remove ${composePath}`,
    'release systemd-timesyncd.service',
  ]
}

/** The lines that every manifest begins with. */
export function head(mode: Mode, { id, nonce, epoch }: Operation): string[] {
  return [
    'timeball-manifest 1',
    `mode ${mode}`,
    `operation ${id}`,
    `nonce ${nonce}`,
    `epoch ${epoch}`,
  ]
}

function modeOf(manifest: Manifest): Mode {
  const mode = manifest[1]?.replace(/^mode /, '') ?? ''
  if (!isMode(mode)) throw new Error(`the manifest's mode is ${JSON.stringify(mode)}`)
  return mode
}

const safeLine = /^[A-Za-z0-9 ._~+/=:@%^,#-]+$/

/**
 * The bytes for standard input of the remote command: a line and an archive. Throws on a field that
 * would need quoting: all of them were limited when the fleet was read, so that is a bug.
 */
export function encodeBundle(
  applier: Applier,
  manifest: Manifest,
  files: readonly FinalFile[] = [],
): Uint8Array {
  const unsafe = manifest.find((line) => !safeLine.test(line))
  if (unsafe !== undefined)
    throw new Error(`manifest line needs quoting: ${JSON.stringify(unsafe)}`)
  const mode = modeOf(manifest)
  const program = applier(mode)
  if (mode === 'ask') return encodeQuestion(program.text, manifest, files)
  const keyed = withKey(program.digest, manifest)
  const encoder = new TextEncoder()
  const archive = encodeTar([
    { path: 'applier.sh', content: encoder.encode(program.text) },
    { path: 'manifest', content: encoder.encode(`${keyed.manifest.join('\n')}\n`) },
    ...files.map((file, index) => ({
      path: `files/${index}`,
      content: encoder.encode(revealContent(file.content)),
    })),
  ])
  const line = encoder.encode(`${keyed.line}\n`)
  const bytes = new Uint8Array(line.length + archive.length)
  bytes.set(line)
  bytes.set(archive, line.length)
  return bytes
}

/**
 * A question needs no folder on the device: a line, the program that asks, and the script. Its length
 * is in the line, so that half of a script is never run.
 */
function encodeQuestion(
  program: string,
  manifest: Manifest,
  [file]: readonly FinalFile[],
): Uint8Array {
  const field = (name: string): string =>
    manifest.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''
  const encoder = new TextEncoder()
  const script = encoder.encode(file === undefined ? '' : revealContent(file.content))
  const line = ['ask', ...['nonce', 'as', 'seconds', 'most-bytes'].map(field), script.length]
  const before = encoder.encode(`${line.join(' ')}\n${program}__END__\n`)
  const bytes = new Uint8Array(before.length + script.length)
  bytes.set(before)
  bytes.set(script, before.length)
  return bytes
}
