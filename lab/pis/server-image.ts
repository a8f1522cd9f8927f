/** The reference time server: built from this repository and pushed into the lab's registry. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { docker } from './engine.ts'
import { build, contentsOf } from './images.ts'
import { LabError } from './lab-error.ts'
import { pushedDigest, pushImages } from './registry.ts'
import { must } from './run.ts'
import { cacheKey, type LabPaths, repositoryRoot } from './settings.ts'

/** Repository of the image in the registry. */
export const serverImageName = 'mcp-utc-time-server'
/** Two versions, so that there is something to roll out. */
export const serverVersions: readonly string[] = ['1.0.0', '1.0.1']

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
  const images: ServerImage[] = []
  let kept = true
  for (const version of serverVersions) {
    const context = await buildContext(paths, source, version)
    const key = `${version}-${cacheKey([base, ...contentsOf(context)])}`
    const ref = `timeball-lab/time-server:${key}`
    const args = [`BASE=${base}`, `VERSION=${version}`]
    await build(paths, { ref, context, args })
    const pushed = await pushedAs(version, key)
    kept &&= pushed !== null
    const digest = pushed ?? (await push(paths, ref, [version, key]))
    const size = await docker(paths, ['image', 'inspect', '--format', '{{.Size}}', ref])
    images.push({ ref, version, digest, sizeBytes: Number(size) })
  }
  return { images, kept }
}

/** A copy of what the Dockerfile needs, with the bundle of this version. */
async function buildContext(paths: LabPaths, source: string, version: string): Promise<string> {
  const context = join(paths.cache, 'server-image')
  rmSync(context, { recursive: true, force: true })
  mkdirSync(join(context, 'dist'), { recursive: true })
  for (const part of ['Dockerfile', 'image']) {
    cpSync(join(source, part), join(context, part), { recursive: true })
  }
  const bundle = join(context, 'dist', 'time-server.js')
  await must([process.execPath, join(source, 'build.ts'), '--version', version, '--out', bundle])
  return context
}

/** The digest of the version's tag when it is that of the key's tag, which is pushed last. */
async function pushedAs(version: string, key: string): Promise<string | null> {
  const digest = await pushedDigest(serverImageName, version)
  return digest === (await pushedDigest(serverImageName, key)) ? digest : null
}

async function push(paths: LabPaths, ref: string, tags: readonly string[]): Promise<string> {
  const images = tags.map((tag) => ({ ref, name: `${serverImageName}:${tag}` }))
  const [digest] = await pushImages(paths, images)
  if (digest === undefined) throw new LabError(`nothing was pushed of ${ref}`)
  return digest
}
