/** The reference time server: built from this repository and pushed into the lab's registry. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { docker } from './engine.ts'
import { build, contentsOf } from './images.ts'
import { LabError } from './lab-error.ts'
import { pushedDigest, pushImages } from './registry.ts'
import { must } from './run.ts'
import { cacheKey, imageSources, type LabPaths, repositoryRoot } from './settings.ts'

/** Repository of the image in the registry. */
export const serverImageName = 'mcp-utc-time-server'
/** Good ones, so that there is something to roll out. */
const serverVersions = ['1.0.0', '1.0.1', '1.1.0'] as const
/** Bad ones, made of the first: see `image/server-variants/`. */
const serverVariants = ['unsynchronised', 'soak-failing', 'shifted'] as const

export interface ServerImage {
  /** Its name in the outer engine. */
  readonly ref: string
  readonly version: string
  /** `sha256:…` of the manifest, as a pull by digest names it. */
  readonly digest: string
  readonly sizeBytes: number
}

/** Builds and pushes what is not there yet. Fails while time-server/ has no Dockerfile. */
export async function upServerImages(
  paths: LabPaths,
  base: string,
): Promise<{ readonly images: readonly ServerImage[]; readonly kept: boolean }> {
  const source = join(repositoryRoot, 'time-server')
  if (!existsSync(join(source, 'Dockerfile')))
    throw new LabError('time-server/Dockerfile is missing')
  const built: Built[] = []
  for (const version of serverVersions) {
    const context = await buildContext(paths, source, version)
    built.push(await buildServer(paths, { version, base, context }))
  }
  const good = built[0]?.ref ?? base
  for (const version of serverVariants) {
    const context = await variantContext(paths, source, version)
    built.push(await buildServer(paths, { version, base: good, context }))
  }
  await push(
    paths,
    built.filter(({ digest }) => digest === null),
  )
  const images: ServerImage[] = []
  for (const { ref, version, digest } of built) {
    const size = await docker(paths, ['image', 'inspect', '--format', '{{.Size}}', ref])
    const pushed = digest ?? (await pushedDigest(serverImageName, version))
    if (pushed === null) throw new LabError(`${version} is not in the registry`)
    images.push({ ref, version, digest: pushed, sizeBytes: Number(size) })
  }
  return { images, kept: built.every(({ digest }) => digest !== null) }
}

interface Built extends Pick<ServerImage, 'ref' | 'version'> {
  readonly key: string
  /** `null`: it is not pushed yet. */
  readonly digest: string | null
}

interface Order {
  readonly version: string
  readonly base: string
  readonly context: string
}

async function buildServer(paths: LabPaths, { version, base, context }: Order): Promise<Built> {
  const key = `${version}-${cacheKey([base, ...contentsOf(context)])}`
  const ref = `timeball-lab/time-server:${key}`
  await build(paths, { ref, context, args: [`BASE=${base}`, `VERSION=${version}`] })
  return { ref, version, key, digest: await pushedAs(version, key) }
}

/** A copy of what the Dockerfile needs, with the bundle of this version. */
async function buildContext(paths: LabPaths, source: string, version: string): Promise<string> {
  const context = emptyContext(paths)
  mkdirSync(join(context, 'dist'))
  for (const part of ['Dockerfile', 'image']) {
    cpSync(join(source, part), join(context, part), { recursive: true })
  }
  const bundle = join(context, 'dist', 'time-server.js')
  await must([process.execPath, join(source, 'build.ts'), '--version', version, '--out', bundle])
  return context
}

async function variantContext(paths: LabPaths, source: string, variant: string): Promise<string> {
  const context = emptyContext(paths)
  const variants = join(imageSources, 'server-variants')
  cpSync(join(variants, 'Dockerfile'), join(context, 'Dockerfile'))
  cpSync(join(variants, variant), context, { recursive: true })
  if (variant === 'shifted') {
    const program = join(import.meta.dirname, 'shifted-ntpd.ts')
    const bundle = join(context, 'ntpd.js')
    await must([process.execPath, join(source, 'build.ts'), '--main', program, '--out', bundle])
  }
  return context
}

function emptyContext(paths: LabPaths): string {
  const context = join(paths.cache, 'server-image')
  rmSync(context, { recursive: true, force: true })
  mkdirSync(context, { recursive: true })
  return context
}

/** The digest of the version's tag when it is that of the key's tag, which is pushed last. */
async function pushedAs(version: string, key: string): Promise<string | null> {
  const digest = await pushedDigest(serverImageName, version)
  return digest === (await pushedDigest(serverImageName, key)) ? digest : null
}

async function push(paths: LabPaths, images: readonly Built[]): Promise<void> {
  if (images.length === 0) return
  const tagged = images.flatMap(({ ref, version, key }) =>
    [version, key].map((tag) => ({ ref, name: `${serverImageName}:${tag}` })),
  )
  await pushImages(paths, tagged)
}
