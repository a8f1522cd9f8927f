/** The files of a fleet, found and read: inventory.yml, fleet.yaml and what lies beside them. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { FleetOptions, LastRun, LoadedFleet } from '../cli/context.ts'
import { buildFleet } from '../core/fleet/build-fleet.ts'
import type { Place } from '../core/fleet/check-quorum.ts'
import type { Settings } from '../core/settings/settings.ts'
import {
  checkSettings,
  placeOf,
  readSettingsText,
  type SettingsText,
} from '../core/settings/parse-settings.ts'
import { readInventorySources } from '@timeball/inventory/files/find-sources.ts'
import type { Inventory } from '@timeball/inventory/inventory.ts'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { schemaFor } from './settings-schema.ts'

/** Where an inventory is looked for when none is named; `ansible/` is the guide's. */
const usualInventories = ['', 'ansible/'].flatMap((folder) =>
  ['inventory.yml', 'inventory.yaml', 'inventory.ini', 'hosts.yml', 'hosts.ini', 'hosts'].map(
    (name) => folder + name,
  ),
)

function sourcesOf({ inventory }: FleetOptions): readonly string[] {
  if (typeof inventory === 'string') return [inventory]
  return inventory ?? [usualInventories.find((path) => existsSync(path)) ?? 'inventory.yml']
}

/** An inventory without hosts is no success, whatever is asked of it. */
export async function loadInventory(
  options: FleetOptions,
): Promise<Result<Inventory, readonly Problem[]>> {
  const sources = sourcesOf(options)
  const found = await readInventorySources({ sources, playbookDirectory: '.' })
  if (!found.ok) return found
  const parsed = parseInventory(found.value.sources)
  if (!parsed.ok) return parsed
  const { path, hosts, notes } = parsed.value
  if (hosts.size > 0) return ok({ ...parsed.value, notes: [...found.value.notes, ...notes] })
  const fix = 'Write a group such as "all:" with "hosts:" in it'
  return fail([{ file: path, line: null, column: null, what: 'there is no host in it', fix }])
}

/** Problems of the settings and of the inventory come together. */
export async function loadFleet(
  options: FleetOptions,
): Promise<Result<LoadedFleet, readonly Problem[]>> {
  const { settingsFile, problem } = await findSettings(options)
  if (problem !== null) return fail([problem])
  const settings = await readSettings(settingsFile, options.fleet !== undefined)
  const inventory = await loadInventory(options)
  if (!settings.ok || !inventory.ok) {
    return fail([settings, inventory].flatMap((part) => (part.ok ? [] : part.failure)))
  }
  const folder = dirname(settingsFile)
  const { text } = settings.value
  const place: Place = (path) => ({ file: settingsFile, ...placeOf(text, path) })
  const resolved = withPaths(settings.value.settings, folder)
  const missing = missingFiles(resolved, place)
  const fleet = buildFleet(resolved, inventory.value, place)
  if (!fleet.ok) return fail([...missing, ...fleet.failure])
  if (missing.length > 0) return fail(missing)
  const stateFolder = join(folder, '.timeball')
  return ok({ fleet: fleet.value, inventory: inventory.value, settingsFile, stateFolder })
}

interface FoundSettings {
  readonly settingsFile: string
  readonly problem: Problem | null
}

/**
 * `fleet.yaml` beside the inventory, else in the working directory, where playbooks are. One that is
 * named `fleet.yml` would be left unread, and the fleet planned with an image that nobody meant.
 */
async function findSettings(options: FleetOptions): Promise<FoundSettings> {
  if (options.fleet !== undefined) return { settingsFile: options.fleet, problem: null }
  const [source = ''] = sourcesOf(options)
  const isFolder = existsSync(source) && (await stat(source)).isDirectory()
  const beside = join(isFolder ? source : dirname(source), 'fleet.yaml')
  const settingsFile = [beside, 'fleet.yaml'].find((path) => existsSync(path)) ?? beside
  const mistyped = [beside, 'fleet.yaml']
    .map((path) => path.replace(/yaml$/, 'yml'))
    .find((path) => existsSync(path))
  if (mistyped === undefined) return { settingsFile, problem: null }
  const fix = `Rename it to fleet.yaml, or name it: -f ${mistyped}`
  const what = 'a file of this name is not read'
  return { settingsFile, problem: { file: mistyped, line: null, column: null, what, fix } }
}

async function readSettings(
  path: string,
  isNamed: boolean,
): Promise<Result<ReadSettings, readonly Problem[]>> {
  const text = await settingsText(path, isNamed)
  if (!text.ok) return text
  const read = readSettingsText(path, text.value)
  if (!read.ok) return read
  const settings = checkSettings(read.value, await schemaFor(read.value.content))
  return settings.ok ? ok({ settings: settings.value, text: read.value }) : settings
}

interface ReadSettings {
  readonly settings: Settings
  readonly text: SettingsText
}

/** Files of keys that settings name and that are not there. */
function missingFiles({ ssh, clock, image }: Settings, place: Place): readonly Problem[] {
  const named: readonly (readonly [path: readonly string[], file: string | undefined])[] = [
    [['ssh', 'private_key_file'], ssh.private_key_file],
    [['clock', 'key', 'file'], clock.key?.file],
    ...image.signature_keys.map((file, index): readonly [string[], string] => [
      ['image', 'signature_keys', String(index)],
      file,
    ]),
  ]
  return named.flatMap(([path, file]) => {
    if (file === undefined || existsSync(file)) return []
    const what = `${path.filter((part) => !/^\d+$/.test(part)).join('.')}: there is no file ${file}`
    return [{ ...place(path), what, fix: 'paths are relative to fleet.yaml' }]
  })
}

/** A fleet needs no `fleet.yaml`, unless it was named. */
async function settingsText(
  path: string,
  isNamed: boolean,
): Promise<Result<string, readonly Problem[]>> {
  try {
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isMissing && !isNamed) return ok('')
    const what = isMissing ? 'there is no such file' : 'cannot be read'
    return fail([{ file: path, line: null, column: null, what, fix: 'name it with -f FILE' }])
  }
}

/** Paths in fleet.yaml are relative to it. */
function withPaths(settings: Settings, folder: string): Settings {
  const { private_key_file: key, known_hosts: hosts, ...ssh } = settings.ssh
  const resolve = (path: string): string => (isAbsolute(path) ? path : join(folder, path))
  const { key: ntpKey, ...clock } = settings.clock
  return {
    ...settings,
    image: { ...settings.image, signature_keys: settings.image.signature_keys.map(resolve) },
    clock: {
      ...clock,
      ...(ntpKey === undefined ? {} : { key: { ...ntpKey, file: resolve(ntpKey.file) } }),
    },
    ssh: {
      ...ssh,
      ...(key === undefined ? {} : { private_key_file: resolve(key) }),
      ...(hosts === undefined ? {} : { known_hosts: resolve(hosts) }),
    },
  }
}

const lastRunFile = 'last-run.json'

export async function saveLastRun({ stateFolder }: LoadedFleet, run: LastRun): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  await writeFile(join(stateFolder, lastRunFile), `${JSON.stringify(run)}\n`)
}

/** Empty lists when nothing was applied yet. */
export async function readLastRun({ stateFolder }: LoadedFleet): Promise<LastRun> {
  try {
    const text = await readFile(join(stateFolder, lastRunFile), 'utf8')
    const content: unknown = JSON.parse(text)
    return { failed: namesIn(content, 'failed'), changed: namesIn(content, 'changed') }
  } catch {
    return { failed: [], changed: [] }
  }
}

function namesIn(content: unknown, key: keyof LastRun): string[] {
  if (typeof content !== 'object' || content === null || !(key in content)) return []
  const list: unknown = Reflect.get(content, key)
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : []
}
