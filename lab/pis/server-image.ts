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
    const ref = `timeball-lab/time-server:${version}-${cacheKey([base, ...contentsOf(context)])}`
    const built = await build(paths, { ref, context, args: [`BASE=${base}`, `VERSION=${version}`] })
    const pushed = built.kept ? await pushedDigest(serverImageName, version) : null
    kept &&= pushed !== null
    const digest = pushed ?? (await pushOne(paths, ref, version))
    const size = await docker(paths, ['image', 'inspect', '--format', '{{.Size}}', ref])
    images.push({ version, digest, sizeBytes: Number(size) })
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

async function pushOne(paths: LabPaths, ref: string, version: string): Promise<string> {
  const [digest] = await pushImages(paths, [{ ref, name: `${serverImageName}:${version}` }])
  if (digest === undefined) throw new LabError(`nothing was pushed for ${version}`)
  return digest
}
