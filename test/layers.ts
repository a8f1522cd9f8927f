/** Which part of the project may import which, as tables, and the check of files against them. */
import { posix } from 'node:path'

/** A source file; the path is from the root of the project. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

interface Layer {
  /** Other layers, or single files of them. */
  readonly layers: readonly string[]
  /** Packages, workspaces included; `node:` is all that Node brings. */
  readonly packages: readonly string[]
}

const fleet = (...names: readonly string[]): string[] => names.map((name) => `fleet/src/${name}`)

export const layers: Readonly<Record<string, Layer>> = {
  'lib/src': { layers: [], packages: ['node:'] },
  'inventory/src/files': { layers: ['inventory/src'], packages: ['@timeball/lib', 'node:'] },
  'inventory/src/vault': { layers: ['inventory/src'], packages: ['@timeball/lib', 'node:crypto'] },
  'inventory/src': { layers: [], packages: ['@timeball/lib', 'yaml'] },
  'clock/src': { layers: [], packages: ['@timeball/lib', 'node:'] },
  'time-server/src': {
    layers: ['time-server/package.json'],
    packages: [
      ...['@hono/node-server', '@hono/zod-openapi', 'hono', '@modelcontextprotocol/server'],
      ...['@timeball/clock', '@timeball/lib', 'node:', 'zod'],
    ],
  },
  'fleet/src/core/hash': { layers: [], packages: ['node:crypto'] },
  'fleet/src/core': {
    layers: [],
    packages: [
      ...['croner', 'diff', 'yaml', 'zod'],
      ...['@timeball/clock', '@timeball/inventory', '@timeball/lib'],
    ],
  },
  'fleet/src/device': { layers: fleet('core'), packages: ['@timeball/lib', 'zod'] },
  'fleet/src/ports': {
    layers: fleet('core', 'device/report.ts'),
    packages: ['@timeball/clock', '@timeball/lib'],
  },
  'fleet/src/engines': {
    layers: fleet('core', 'device', 'ports'),
    packages: ['@timeball/lib', 'node:', 'zod'],
  },
  'fleet/src/stores': {
    layers: fleet('core', 'device', 'ports'),
    packages: [
      ...['@timeball/inventory', '@timeball/lib'],
      ...['age-encryption', 'node:', 'postgres', 'tar', 'zod'],
    ],
  },
  'fleet/src/probes': {
    layers: fleet('core', 'device', 'ports'),
    packages: [
      ...['@noble/ciphers', '@sigstore/bundle', '@sigstore/core', '@sigstore/protobuf-specs'],
      ...['@sigstore/sign', '@sigstore/verify'],
      ...['@timeball/clock', '@timeball/lib', 'node:', 'zod'],
    ],
  },
  'fleet/src/app': {
    layers: fleet('core', 'device', 'ports'),
    packages: ['@timeball/clock', '@timeball/lib', 'yaml', 'zod'],
  },
  'fleet/src/api': { layers: fleet('core'), packages: ['@timeball/lib', 'zod'] },
  'fleet/src/server': {
    layers: fleet('api', 'app', 'core', 'ports'),
    packages: ['@hono/node-server', '@hono/zod-openapi', 'hono', '@timeball/lib', 'node:', 'zod'],
  },
  'fleet/src/cli': {
    layers: fleet('api', 'app', 'core', 'ports'),
    packages: ['@timeball/clock', '@timeball/inventory', '@timeball/lib', 'commander'],
  },
  'fleet/src/main': {
    layers: fleet(
      ...['core', 'device', 'ports', 'engines', 'stores', 'probes', 'app', 'api', 'server', 'cli'],
    ).concat('fleet/package.json'),
    packages: [
      ...['@timeball/clock', '@timeball/inventory', '@timeball/lab', '@timeball/lib'],
      ...['node:', 'zod'],
    ],
  },
}

/**
 * The folders of `core/` from the ground up: each may import those before it, and the files that
 * stand beside the folders, which import no folder.
 */
export const coreOrder: readonly string[] = [
  'hash',
  'device',
  'access',
  'secrets',
  'image',
  'desired',
  'plan',
  'keys',
  'bundle',
  'ask',
  'backup',
  'clock',
  'service',
  'health',
  'rollout',
  'schedules',
  'git',
  'controller',
  'monitoring',
  'settings',
  'fleet',
  'export',
]

/** Layers that must not touch the system by way of a workspace, either. */
const pureLayers: ReadonlySet<string> = new Set(['fleet/src/core', 'inventory/src'])

/** Every import that the tables do not allow, as `from -> to`. Tests are no layer. */
export function layerMistakes(files: readonly SourceFile[]): string[] {
  const production = files.filter(({ path }) => !/\.(test|contract)\.ts$|\/test\//.test(path))
  const impure = impureFiles(production)
  return production.flatMap((file) =>
    importsOf(file.text).flatMap((found) => {
      const mistake = mistakeOf(file.path, found, impure)
      return mistake === null ? [] : [`${file.path} -> ${found.target}${mistake}`]
    }),
  )
}

/** `null`: allowed; else what is wrong with it, where the two names do not say it. */
function mistakeOf(path: string, found: Import, impure: ReadonlySet<string>): string | null {
  const layer = layerOf(path)
  const allowed = layer === null ? undefined : layers[layer]
  if (layer === null || allowed === undefined) return ': it is in no layer'
  if (!found.target.startsWith('.')) {
    if (!allowed.packages.some((name) => isWithin(found.target, name))) return ''
    return touchesSystem(layer, found, impure) ? ': it touches the system' : null
  }
  const to = resolve(path, found.target)
  if (![layer, ...allowed.layers].some((name) => isWithin(to, name))) return ''
  return layer === 'fleet/src/core' && !isUpwards(path, to) ? ': against the order of core/' : null
}

function touchesSystem(
  layer: string,
  { target, isErased }: Import,
  impure: ReadonlySet<string>,
): boolean {
  return pureLayers.has(layer) && !isErased && impure.has(resolve('', target))
}

/** Whether a file of core/ imports what lies below it. */
function isUpwards(path: string, to: string): boolean {
  const own = coreFolder(path)
  const other = coreFolder(to)
  if (other === own || other === null) return true
  return coreOrder.includes(other) && coreOrder.indexOf(other) < coreOrder.indexOf(own ?? '')
}

/** `null`: it stands beside the folders. */
function coreFolder(path: string): string | null {
  const [folder = '', ...rest] = path.split('/').slice(3)
  return rest.length === 0 ? null : folder
}

function layerOf(path: string): string | null {
  return Object.keys(layers).find((layer) => path.startsWith(`${layer}/`)) ?? null
}

/** `node:` stands for every `node:x`, and a package for its files. */
function isWithin(target: string, name: string): boolean {
  if (name.endsWith(':')) return target.startsWith(name)
  return target === name || target.startsWith(`${name}/`)
}

/** The path of what a file imports; a package is itself. */
function resolve(path: string, target: string): string {
  if (target.startsWith('.')) return posix.join(posix.dirname(path), target)
  return target.replace(/^@timeball\/([^/]+)\//, '$1/src/')
}

/** Files that import Node, themselves or by another file. */
function impureFiles(files: readonly SourceFile[]): ReadonlySet<string> {
  const importers = new Map<string, string[]>()
  for (const { path, text } of files) {
    for (const { target, isErased } of importsOf(text)) {
      if (isErased) continue
      const to = target.startsWith('node:') ? 'node:' : resolve(path, target)
      importers.set(to, [...(importers.get(to) ?? []), path])
    }
  }
  const impure = new Set<string>()
  const waiting = [...(importers.get('node:') ?? [])]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (impure.has(path)) continue
    impure.add(path)
    waiting.push(...(importers.get(path) ?? []))
  }
  return impure
}

interface Import {
  readonly target: string
  /** Only types: nothing is loaded. */
  readonly isErased: boolean
}

const statement =
  /(?:^|\n)\s*(?:import|export)\s+(?:(?<type>type)\s+)?(?:[\w*{][^'"]*?\sfrom\s+)?(?<quote>['"])(?<target>[^'"]+)\k<quote>/g
const dynamic = /\bimport\(\s*['"](?<target>[^'"]+)['"]/g

function importsOf(text: string): Import[] {
  return [...text.matchAll(statement), ...text.matchAll(dynamic)].map(({ groups }) => ({
    target: groups?.['target'] ?? '',
    isErased: groups?.['type'] !== undefined,
  }))
}
