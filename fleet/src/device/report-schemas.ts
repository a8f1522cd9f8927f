/** The shapes of the lines of docs/device-protocol.md, "The report". Unknown fields are dropped. */
import { z } from 'zod'
import { failureCodes } from '../core/failure.ts'

/** Bound of one line, in bytes as it arrives and in UTF-16 units once decoded. */
export const maxLineBytes = 256 * 1024

/** Controls, and the invisible characters that reorder or hide text on a terminal. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function text(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .transform((value) => value.replace(unprintable, ''))
}

/** Made when a line of its type comes: a question has four types, and all take longer to make than to ask. */
function whenNeeded<T extends z.ZodType>(make: () => T): () => T {
  let made: T | null = null
  return () => (made ??= make())
}

const count = z.int().nonnegative()
const hex = z.string().regex(/^[0-9a-f]{64}$/)
const name = text(512)
const path = text(4096)
const octalMode = z.string().regex(/^0[0-7]{3,4}$/)

const begin = whenNeeded(() =>
  z.object({ type: z.literal('begin'), protocol: z.literal(1), nonce: text(64) }),
)

const unchanged = whenNeeded(() =>
  z.object({
    type: z.literal('unchanged'),
    nonce: z.string().regex(/^[0-9a-f]{32}$/),
  }),
)

const device = whenNeeded(() =>
  z.object({
    type: z.literal('device'),
    hostname: text(255),
    arch: text(64),
    os: text(128),
    kernel: text(128),
    boot_id: text(64),
    uptime_seconds: count,
    generation: count,
    state: hex.nullable(),
    epoch: count,
    epoch_by: text(64).nullable().default(null),
    epoch_age_seconds: count.nullable().default(null),
    pending: count.nullable(),
    returning: count.nullable(),
    reboot_required: z.boolean(),
    busy: text(300).nullable().default(null),
    recovered: z
      .object({ generation: count, reason: z.enum(['unconfirmed', 'power-loss', 'requested']) })
      .nullable(),
  }),
)

const packageLine = whenNeeded(() =>
  z.object({ type: z.literal('package'), name, version: text(256).nullable() }),
)

const file = whenNeeded(() =>
  z.discriminatedUnion('state', [
    z.object({
      type: z.literal('file'),
      role: z.enum(['file', 'boot-config']),
      path,
      state: z.literal('file'),
      mode: octalMode,
      owner: text(128),
      size_bytes: count,
      digest: hex,
      content_base64: z.string().max(maxLineBytes).optional(),
    }),
    z.object({
      type: z.literal('file'),
      role: z.enum(['file', 'boot-config']),
      path,
      state: z.enum(['absent', 'symlink', 'directory', 'other']),
    }),
  ]),
)

const service = whenNeeded(() =>
  z.object({
    type: z.literal('service'),
    name,
    load: z.enum(['loaded', 'not-found', 'masked', 'unknown']),
    active: z.enum(['active', 'inactive', 'failed', 'unknown']),
    enabled: z.enum(['enabled', 'disabled', 'static', 'unknown']),
  }),
)

/** As in a URL; what cannot be read so is as it is. `null`: there is none. */
function escaped() {
  return text(300)
    .nullable()
    .default(null)
    .transform((found) => (found === null ? null : unescaped(found)))
}

function unescaped(found: string): string {
  try {
    return decodeURIComponent(found.replaceAll('+', ' ')).replace(unprintable, '')
  } catch {
    return found
  }
}

const container = whenNeeded(() =>
  z.object({
    type: z.literal('container'),
    name,
    state: z.enum([
      'running',
      'restarting',
      'exited',
      'paused',
      'created',
      'dead',
      'absent',
      'unknown',
    ]),
    id: text(128).nullable(),
    image_id: text(128).nullable(),
    restarts: count,
    health: z.enum(['healthy', 'unhealthy', 'starting', 'none']),
    activated: z.boolean(),
    image_name: escaped(),
    project: escaped(),
    version_label: escaped(),
  }),
)

const image = whenNeeded(() =>
  z.object({ type: z.literal('image'), ref: name, id: text(128).nullable() }),
)

const log = whenNeeded(() =>
  z.object({
    type: z.literal('log'),
    container: name,
    seconds: count,
    lines: count,
    errors: count,
  }),
)

const disk = whenNeeded(() =>
  z.object({
    type: z.literal('disk'),
    path,
    size_bytes: count,
    free_bytes: count,
    used_percent: z.int().min(0).max(100),
  }),
)

const resource = whenNeeded(() =>
  z.object({
    type: z.literal('resource'),
    resource: path,
    change: z.enum(['none', 'create', 'update', 'remove', 'restart', 'up', 'failed']),
    ms: count,
  }),
)

/** Content, such as a part of a backup; many of them make one. */
const bytes = whenNeeded(() =>
  z.object({ type: z.literal('bytes'), base64: z.base64().max(maxLineBytes) }),
)

/** How the script of an `ask` ended; one that a signal ended has 128 and its number, as in a shell. */
const exit = whenNeeded(() =>
  z.object({
    type: z.literal('exit'),
    code: z.int().min(0).max(255),
    in_time: z.boolean(),
    left_out_bytes: count,
  }),
)

const end = whenNeeded(() =>
  z.discriminatedUnion('status', [
    z.object({
      type: z.literal('end'),
      nonce: text(64),
      status: z.literal('ok'),
      generation: count,
    }),
    z.object({
      type: z.literal('end'),
      nonce: text(64).nullable(),
      status: z.literal('failed'),
      generation: count.nullable(),
      code: z.enum(failureCodes),
      detail: z
        .string()
        .max(8192)
        .transform((value) => value.replace(unprintable, ' ').slice(0, 1024)),
    }),
  ]),
)

/** One schema for each `type` of line. */
export const lineSchemas = {
  begin,
  unchanged,
  device,
  package: packageLine,
  file,
  service,
  container,
  image,
  log,
  disk,
  resource,
  bytes,
  exit,
  end,
} as const
