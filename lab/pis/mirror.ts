/** A small apt repository inside the lab: what `timeball apply` installs on a device. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Daemon } from './daemon.ts'
import { mirrorAddress } from './devices.ts'
import { docker } from './engine.ts'
import { namespaceName } from './network.ts'
import { must } from './run.ts'
import { cacheKey, imageSources, type LabPaths } from './settings.ts'

/** One line for a device's apt; the lab's own repository is not signed. */
export const mirrorSource = `deb [trusted=yes] http://${mirrorAddress}/ ./\n`

/** Downloads and indexes the repository for one Pi image, once. */
export async function buildMirror(
  paths: LabPaths,
  piImage: string,
): Promise<{ readonly kept: boolean; readonly detail: string }> {
  const list = readFileSync(join(imageSources, 'mirror-packages.txt'), 'utf8')
  const folder = join(paths.cache, 'mirror', cacheKey([list, piImage]))
  const kept = existsSync(folder)
  if (!kept) {
    const staging = `${folder}.part`
    rmSync(staging, { recursive: true, force: true })
    mkdirSync(staging, { recursive: true })
    await download(paths, { image: piImage, packages: packageNames(list), folder: staging })
    await writeIndex(staging)
    renameSync(staging, folder)
  }
  const current = join(paths.cache, 'mirror', 'current')
  rmSync(current, { force: true })
  symlinkSync(folder, current)
  const count = readdirSync(folder).filter((name) => name.endsWith('.deb')).length
  return { kept, detail: `${count} packages` }
}

/** Words of a package list; `#` begins a comment. */
export function packageNames(list: string): string[] {
  return list
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').split(/\s+/))
    .filter((word) => word !== '')
}

/** apt inside the Pi image knows best what the packages need beyond it. */
async function download(
  paths: LabPaths,
  wanted: { image: string; packages: readonly string[]; folder: string },
): Promise<void> {
  const script =
    'apt-get update -qq && apt-get install -qy --no-install-recommends --download-only -o APT::Sandbox::User=root -o Dir::Cache::archives=/out "$@" && rm -rf /out/lock /out/partial'
  await docker(
    paths,
    [
      ['run', '--rm', '--network', 'host', '--volume', `${wanted.folder}:/out`, wanted.image],
      ['sh', '-c', script, 'sh', ...wanted.packages],
    ].flat(),
  )
}

async function writeIndex(folder: string): Promise<void> {
  // `:` of an epoch is `%3a` in the file name, which apt would escape once more when it asks for it.
  for (const name of readdirSync(folder).filter((file) => file.includes('%'))) {
    renameSync(join(folder, name), join(folder, name.replaceAll('%3a', '_')))
  }
  const index = await must(['dpkg-scanpackages', '--multiversion', '.'], { cwd: folder })
  writeFileSync(join(folder, 'Packages'), index)
  writeFileSync(join(folder, 'Release'), releaseFile(index))
}

/** The least that apt accepts without a warning. */
function releaseFile(index: string): string {
  const digest = createHash('sha256').update(index).digest('hex')
  const size = Buffer.byteLength(index)
  const date = new Date().toUTCString().replace('GMT', 'UTC')
  return `Suite: lab\nLabel: timeball-lab\nDate: ${date}\nSHA256:\n ${digest} ${size} Packages\n`
}

/** The repository's web server, inside the lab's namespace. */
export function mirrorDaemon(paths: LabPaths): Daemon {
  const script = join(import.meta.dirname, 'static-server.ts')
  const server = [
    process.execPath,
    script,
    mirrorAddress,
    '80',
    join(paths.cache, 'mirror', 'current'),
  ]
  return {
    name: 'apt mirror',
    pidFile: join(paths.servers, 'mirror.pid'),
    logFile: join(paths.log, 'mirror.log'),
    mark: script,
    argv: ['ip', 'netns', 'exec', namespaceName, ...server],
  }
}
