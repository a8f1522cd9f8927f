/** The images of the lab, built from Debian's packages alone: no public image registry is used. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { docker, dockerSays } from './engine.ts'
import { must, mustMortal } from './run.ts'
import { cacheKey, imageSources, type LabPaths, repositoryRoot } from './settings.ts'

const suite = 'trixie'

/** What a container has no use for, and what apt fetches again. */
const leftOut = ['var/cache/apt/*', 'var/lib/apt/lists/*', 'usr/share/doc/*', 'usr/share/man/*']

/** An image of the outer engine, and whether it was there already. */
export interface BuiltImage {
  readonly ref: string
  readonly kept: boolean
  readonly detail: string
}

/** Debian itself, by debootstrap from its usual mirror. */
export async function minbaseImage(paths: LabPaths): Promise<BuiltImage> {
  const ref = `timeball-lab/debian:${cacheKey([suite, ...leftOut])}`
  if (await hasImage(paths, ref)) return { ref, kept: true, detail: ref }
  const root = join(paths.cache, 'debootstrap')
  const tar = join(paths.cache, 'debian.tar')
  if (!existsSync(tar)) {
    rmSync(root, { recursive: true, force: true })
    mkdirSync(join(paths.cache, 'debs'), { recursive: true })
    const cache = `--cache-dir=${join(paths.cache, 'debs')}`
    await mustMortal(['debootstrap', '--variant=minbase', cache, suite, root])
    const without = leftOut.map((path) => `--exclude=./${path}`)
    await must(['tar', '-C', root, ...without, '-cf', `${tar}.part`, '.'])
    renameSync(`${tar}.part`, tar)
    rmSync(root, { recursive: true, force: true })
  }
  await docker(paths, ['import', tar, ref])
  rmSync(tar, { force: true })
  return { ref, kept: false, detail: ref }
}

/** The virtual Pi. */
export function piImage(paths: LabPaths, base: string): Promise<BuiltImage> {
  const context = join(imageSources, 'pi')
  const ref = `timeball-lab/pi:${cacheKey([base, ...contentsOf(context)])}`
  return build(paths, { ref, context, args: [`BASE=${base}`] })
}

/** Debian with ntpsec and Node: what the time-server image stands on, by its own Dockerfile. */
export async function serverBaseImage(paths: LabPaths, base: string): Promise<BuiltImage> {
  const node = await nodeImage(paths)
  const file = join(repositoryRoot, 'time-server', 'Dockerfile.base')
  const ref = `timeball-lab/server-base:${cacheKey([base, node.ref, readFileSync(file)])}`
  const args = [`BASE=${base}`, `NODE_IMAGE=${node.ref}`]
  const context = join(imageSources, 'node')
  return build(paths, { ref, context, args, file })
}

/** In place of the official image of Node, which no public registry gives to the lab. */
async function nodeImage(paths: LabPaths): Promise<BuiltImage> {
  const sources = join(imageSources, 'node')
  const version = readFileSync(join(repositoryRoot, 'node_modules', 'node', 'package.json'))
  const ref = `timeball-lab/node:${cacheKey([...contentsOf(sources), version])}`
  if (await hasImage(paths, ref)) return { ref, kept: true, detail: ref }
  const node = join(repositoryRoot, 'node_modules', 'node', 'bin', 'node')
  const context = join(paths.cache, 'node-context')
  rmSync(context, { recursive: true, force: true })
  cpSync(sources, context, { recursive: true })
  cpSync(node, join(context, 'node'), { dereference: true })
  const built = await build(paths, { ref, context, args: [] })
  rmSync(context, { recursive: true, force: true })
  return built
}

/** What `docker build` needs; `args` are `NAME=value`. */
export interface BuildRequest {
  readonly ref: string
  readonly context: string
  readonly args: readonly string[]
  /** The Dockerfile, where it is not the one of the context. */
  readonly file?: string
}

/** Builds unless the reference is there. Builds use the machine's own network, for Debian's mirror. */
export async function build(paths: LabPaths, request: BuildRequest): Promise<BuiltImage> {
  const { ref, context, args, file } = request
  if (await hasImage(paths, ref)) return { ref, kept: true, detail: ref }
  await docker(
    paths,
    [
      ['build', '--quiet', '--network', 'host', '--force-rm', '--tag', ref],
      file === undefined ? [] : ['--file', file],
      args.flatMap((arg) => ['--build-arg', arg]),
      context,
    ].flat(),
  )
  return { ref, kept: false, detail: ref }
}

/** Removes images of earlier package lists and sources; one that a device still runs stays. */
export async function dropOldImages(paths: LabPaths, current: readonly string[]): Promise<void> {
  const format = '{{.Repository}}:{{.Tag}}'
  const refs = await docker(paths, ['image', 'ls', '--format', format, 'timeball-lab/*'])
  const kinds = new Set(current.map((ref) => ref.split(':')[0]))
  const isOld = (ref: string): boolean => kinds.has(ref.split(':')[0]) && !current.includes(ref)
  for (const ref of refs.split('\n').filter(isOld)) {
    await dockerSays(paths, ['image', 'rm', ref])
  }
}

export async function hasImage(paths: LabPaths, ref: string): Promise<boolean> {
  return (await dockerSays(paths, ['image', 'inspect', '--format', '{{.Id}}', ref])) !== null
}

/** Names and contents of all files below a folder, in a fixed order. */
export function contentsOf(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .flatMap((path) => [Buffer.from(path.slice(folder.length)), readFileSync(path)])
}
