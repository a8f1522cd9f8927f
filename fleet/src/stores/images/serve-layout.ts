/**
 * A read-only registry of a layout (OCI distribution specification 1.1, "Pull"), on a Unix socket in
 * a private folder: nobody else on this machine can open it, and it is on no network. Everything is
 * asked for by digest, so Docker on the device proves what it gets.
 */
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { pipeline } from 'node:stream/promises'
import type { Take } from './limit-rate.ts'
import { manifestSchema, manifestType, type Layout } from './layout.ts'

export interface ServedLayout {
  readonly socket: string
  close(): Promise<void>
}

/** Docker opens a handful for each pull; devices are as many at once as `ssh.parallel` says. */
const maxConnections = 1_024
const maxManifestBytes = 4 * 1024 * 1024
const askedFor =
  /^\/v2\/[a-z0-9._/-]{1,256}\/(?<kind>manifests|blobs)\/(?<digest>sha256:[0-9a-f]{64})$/

/** `take` is asked before each piece is sent. */
export async function serveLayout(layout: Layout, take: Take = atOnce): Promise<ServedLayout> {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-images-'))
  const socket = join(folder, 's')
  const server = createServer((request, response) => {
    // A device that goes away in the middle asks again.
    answer({ layout, take }, request, response).catch(() => response.destroy())
  })
  server.maxConnections = maxConnections
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  return {
    socket,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const atOnce: Take = () => Promise.resolve()

interface Source {
  readonly layout: Layout
  readonly take: Take
}

async function answer(
  { layout, take }: Source,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume()
  const { method, url = '' } = request
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end()
  if (/^\/v2\/?$/.test(url)) return void response.writeHead(200).end('{}')
  const asked = await find(layout, url)
  if (asked === null) return void response.writeHead(404).end()
  const range = rangeOf(request.headers.range, asked.size)
  if (range === 'impossible') {
    return void response.writeHead(416, { 'content-range': `bytes */${asked.size}` }).end()
  }
  const { start, end } = range ?? { start: 0, end: asked.size - 1 }
  const part = `bytes ${start}-${end}/${asked.size}`
  response.writeHead(range === null ? 200 : 206, {
    'content-type': asked.type,
    'content-length': end - start + 1,
    'docker-content-digest': asked.digest,
    'accept-ranges': 'bytes',
    ...(range === null ? {} : { 'content-range': part }),
  })
  if (method === 'HEAD' || asked.size === 0) return void response.end()
  const content = createReadStream(layout.blobs.path(asked.digest), { start, end })
  await pipeline(content, (pieces) => paced(pieces, take), response)
}

async function* paced(pieces: AsyncIterable<Buffer>, take: Take): AsyncIterable<Buffer> {
  for await (const piece of pieces) {
    await take(piece.byteLength)
    yield piece
  }
}

interface Found {
  readonly digest: string
  readonly size: number
  readonly type: string
}

async function find(layout: Layout, url: string): Promise<Found | null> {
  const { kind, digest } = askedFor.exec(url)?.groups ?? {}
  if (digest === undefined) return null
  const found = await stat(layout.blobs.path(digest)).catch(() => null)
  if (found === null) return null
  const { size } = found
  const type = kind === 'manifests' ? await manifestTypeOf(layout, digest, size) : blobType
  return type === null ? null : { digest, size, type }
}

const blobType = 'application/octet-stream'

/** What a manifest says that it is; `null`: it is none. */
async function manifestTypeOf(
  layout: Layout,
  digest: string,
  sizeBytes: number,
): Promise<string | null> {
  if (sizeBytes > maxManifestBytes) return null
  try {
    const manifest = manifestSchema.parse(JSON.parse((await layout.blobs.read(digest)).toString()))
    return manifest.mediaType ?? manifestType
  } catch {
    return null
  }
}

/** `null`: all of it. One range is all that clients of a registry ask for. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'impossible' | null {
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === undefined) return null
  const start = Number(from)
  const end = to === undefined || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return start > end ? 'impossible' : { start, end }
}
