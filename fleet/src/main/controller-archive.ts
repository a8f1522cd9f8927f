/**
 * What makes a machine the controller of a fleet: the files that describe it, and what is remembered
 * of it. Databases are read through SQLite into memory, so that they are whole whoever writes them.
 */
import { revokedFile } from '../core/device/revoked.ts'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { ControllerArchive, FleetOptions, LoadedFleet } from '../cli/context.ts'
import type { LeftOut } from '../core/backup/manifest.ts'
import { tarHeader } from '../core/bundle/tar.ts'
import { sourcesOf } from './inventory/load-inventory.ts'

/** Of `.timeball/`: what is made anew by itself. */
const passing = /^(?:images|cache|git|commit|.*\.lock|.*-wal|.*-shm|.*\.new)$/
const databases = /\.db$/
/** In memory while it is read. */
const mostDatabaseBytes = 256 * 1024 ** 2

export function controllerArchive(
  loaded: LoadedFleet,
  options: FleetOptions,
): Promise<ControllerArchive> {
  const folder = dirname(resolve(loaded.settingsFile))
  const found = filesOf(loaded, options)
  const inside = found.filter((path) => !relative(folder, path).startsWith('..'))
  const outside = found.filter((path) => !inside.includes(path))
  const large = inside.filter(
    (path) => databases.test(path) && statSync(path).size > mostDatabaseBytes,
  )
  const leftOut: readonly LeftOut[] = [
    ...outside.map((path) => ({
      what: path,
      how_back: 'it is outside of the folder of fleet.yaml',
    })),
    ...large.map((path) => ({
      what: relative(folder, path),
      how_back: 'it is larger than 256 MiB; samples are measured again',
    })),
    { what: 'identities and passwords', how_back: 'from where they are kept apart from backups' },
  ]
  const kept = inside.filter((path) => !large.includes(path)).toSorted()
  return Promise.resolve({ content: archiveOf(kept, folder), leftOut })
}

function filesOf(
  { settingsFile, stateFolder, fleet: { settings } }: LoadedFleet,
  options: FleetOptions,
): readonly string[] {
  const folder = dirname(resolve(settingsFile))
  const sources = sourcesOf(options).map((source) => resolve(source))
  const beside = sources.flatMap((source) => [
    join(dirname(source), 'group_vars'),
    join(dirname(source), 'host_vars'),
  ])
  const { secrets } = settings
  const secretFile = 'file' in secrets ? [resolve(secrets.file)] : []
  const { known_hosts: hosts } = settings.ssh
  const named = hosts === undefined ? secretFile : [...secretFile, hosts]
  const own = [join(folder, 'overrides'), join(folder, revokedFile)]
  const places = [settingsFile, ...sources, ...beside, ...own, ...named]
  const state = existsSync(stateFolder)
    ? readdirSync(stateFolder)
        .filter((name) => !passing.test(name))
        .map((name) => join(stateFolder, name))
    : []
  return [...new Set([...places, ...state].map((path) => resolve(path)).flatMap(below))]
}

/** A file, or the files below a folder; links are not followed. */
function below(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() === true) return [path]
  if (found?.isDirectory() !== true) return []
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

const block = 512

async function* archiveOf(
  paths: readonly string[],
  folder: string,
): AsyncGenerator<Uint8Array, void, void> {
  for (const path of paths) {
    const { mode, mtimeMs } = statSync(path)
    const content = databases.test(path) ? await readDatabase(path) : await readWhole(path)
    const about = { path: relative(folder, path), mode: mode & 0o777, user: 0, group: 0 }
    yield tarHeader({
      ...about,
      sizeBytes: content.length,
      modifiedUnixSeconds: Math.floor(mtimeMs / 1000),
    })
    yield content
    yield new Uint8Array((block - (content.length % block)) % block)
  }
  yield new Uint8Array(2 * block)
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}

async function readDatabase(path: string): Promise<Uint8Array> {
  const { DatabaseSync } = await import('node:sqlite')
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    try {
      return database.serialize()
    } finally {
      database.close()
    }
  } catch (error) {
    throw new Error(`${basename(path)} cannot be read`, { cause: error })
  }
}
