/** What a device of the model says of itself: the lines that `observe` asks for. */
import { sha256Hex } from '../../core/hash/sha256.ts'
import { fieldOf, type Order } from './read-bundle.ts'
import type { Machine } from './machine.ts'

export type Line = Readonly<Record<string, unknown>> & { readonly type: string }

export interface Seen {
  readonly machine: Machine
  /** Images that are on the device. */
  readonly images: ReadonlySet<string>
  readonly isRunning: (image: string) => boolean
}

export function reportMachine(order: Order, seen: Seen): readonly Line[] {
  return order.lines.flatMap(
    ([word = '', ...fields]) => watchers[word]?.(fields, order, seen) ?? [],
  )
}

type Watcher = (fields: readonly string[], order: Order, seen: Seen) => readonly Line[]

const watchers: Readonly<Record<string, Watcher | undefined>> = {
  'watch-package': ([name = ''], _order, { machine }) => [
    { type: 'package', name, version: machine.packages.get(name) ?? null },
  ],
  'watch-file': ([path = '', view], { nonce }, { machine }) => [
    fileLine(path, { nonce, isEnv: view === 'env' }, machine),
  ],
  'watch-boot-config': () => [
    { type: 'file', role: 'boot-config', path: '/boot/config.txt', state: 'absent' },
  ],
  'watch-service': ([name = ''], _order, { machine }) => {
    const state = machine.services.get(name)
    if (state === undefined) {
      return [{ type: 'service', name, load: 'not-found', active: 'inactive', enabled: 'unknown' }]
    }
    const active = state === 'active' ? 'active' : 'inactive'
    const enabled = state === 'active' ? 'enabled' : 'disabled'
    return [{ type: 'service', name, load: 'loaded', active, enabled }]
  },
  'watch-container': ([name = ''], _order, { machine, isRunning }) => {
    const image = machine.containers.get(name)
    const state = image === undefined ? 'absent' : isRunning(image) ? 'running' : 'restarting'
    const id = image === undefined ? null : idOf(`${name} ${image}`)
    const image_id = image === undefined ? null : idOf(image)
    const isThere = image !== undefined
    const rest = {
      restarts: 0,
      health: isThere ? 'healthy' : 'none',
      activated: isThere,
      project: 'mcp-utc-time-server',
    }
    return [{ type: 'container', name, state, id, image_id, ...rest }]
  },
  'watch-image': ([ref = ''], _order, { images }) => [
    { type: 'image', ref, id: images.has(ref) ? idOf(ref) : null },
  ],
  'watch-log': ([container = '', seconds = '0'], order, { machine }) =>
    machine.containers.has(container) && fieldOf(order, 'watch-log') !== null
      ? [{ type: 'log', container, seconds: Number(seconds), lines: 1, errors: 0 }]
      : [],
  'watch-disk': ([path = '']) => [
    { type: 'disk', path, size_bytes: 32e9, free_bytes: 16e9, used_percent: 50 },
  ],
}

function idOf(text: string): string {
  return `sha256:${sha256Hex(text)}`
}

function fileLine(
  path: string,
  { nonce, isEnv }: { readonly nonce: string; readonly isEnv: boolean },
  { files }: Machine,
): Line {
  const file = files.get(path)
  if (file === undefined) return { type: 'file', role: 'file', path, state: 'absent' }
  const shown = isEnv ? maskEnv(file.content, nonce) : file.content
  return {
    type: 'file',
    role: 'file',
    path,
    state: 'file',
    mode: file.mode,
    owner: 'root:root',
    size_bytes: file.content.length,
    digest: sha256Hex(nonce + file.content),
    content_base64: Buffer.from(shown).toString('base64'),
  }
}

const secretName = /^[^=]*(?:KEY|SECRET|TOKEN|PASSWORD)[^=]*$/i

function maskEnv(content: string, nonce: string): string {
  const masked = content.split('\n').map((line) => {
    const [name = '', ...value] = line.split('=')
    if (value.length === 0 || !secretName.test(name)) return line
    return `${name}=#${sha256Hex(nonce + value.join('='))}`
  })
  return masked.join('\n')
}
