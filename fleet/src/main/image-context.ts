/** The folder that `docker build` gets: the time server as one file, and what surrounds it. */
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { BuildSources } from '../core/image/statements.ts'
import { runTool } from './run-tool.ts'

/** In a clone, also of its bundle; the package has the same files in a folder beside the program. */
const cloned = join(import.meta.dirname, '../../../time-server')
const packed = join(import.meta.dirname, 'image')

/** Writes it. `base`: an image that is there, on which only what is ours is put; `null`: it is made, too. */
export async function writeContext(
  folder: string,
  { version, base }: { readonly version: string; readonly base: string | null },
): Promise<Result<WrittenContext, string>> {
  const isClone = !existsSync(join(packed, 'Dockerfile'))
  const sources = isClone ? cloned : packed
  await mkdir(join(folder, 'dist'), { recursive: true })
  await cp(join(sources, 'image'), join(folder, 'image'), { recursive: true })
  const server = await readFile(join(sources, 'Dockerfile'), 'utf8')
  const below = await readFile(join(sources, 'Dockerfile.base'), 'utf8')
  const whole = base === null ? wholeDockerfile(below, server) : server
  await writeFile(join(folder, 'Dockerfile'), whole)
  const written = async (): Promise<WrittenContext> => ({
    base: base ?? pinnedBase(below),
    sources: { images: base === null ? pinnedImages(below) : [base], files: await filesIn(folder) },
  })
  const bundle = join(folder, 'dist', 'time-server.js')
  if (!isClone) {
    for (const name of ['time-server.js', 'packages.json']) {
      await cp(join(import.meta.dirname, name), join(folder, 'dist', name))
    }
    return ok(await written())
  }
  const args = [process.execPath, join(cloned, 'build.ts'), '--version', version, '--out', bundle]
  const limits = { timeoutMs: 120_000, environment: {} }
  const built = await runTool(folder, 'env', args, limits)
  if (built.kind === 'ended' && built.code === 0) return ok(await written())
  return fail(
    `the time server was not bundled: ${built.kind === 'ended' ? built.output : 'no node'}`,
  )
}

export interface WrittenContext {
  /** The name of the image that it stands on, perhaps with a digest. */
  readonly base: string
  readonly sources: BuildSources
}

function pinnedBase(dockerfile: string): string {
  return /^ARG BASE=(?<name>\S+)$/m.exec(dockerfile)?.groups?.['name'] ?? ''
}

function pinnedImages(dockerfile: string): readonly string[] {
  const named = dockerfile.matchAll(/^ARG (?:BASE|NODE_IMAGE)=(?<name>\S+)$/gm)
  return [...named].map((each) => each.groups?.['name'] ?? '')
}

async function filesIn(folder: string): Promise<BuildSources['files']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  return await Promise.all(
    paths.toSorted().map(async (name) => {
      const bytes = await readFile(join(folder, name))
      return { name, sha256: createHash('sha256').update(bytes).digest('hex') }
    }),
  )
}

const baseStage = 'base'

/** One Dockerfile of both: the server upon a stage that is Debian with ntpd and Node. */
export function wholeDockerfile(base: string, server: string): string {
  const named = base.replace(/^FROM \$\{BASE\}$/m, `FROM \${BASE} AS ${baseStage}`)
  return `${named}\n${server.replace(/^ARG BASE=.*\nFROM \$\{BASE\}$/m, `FROM ${baseStage}`)}`
}
