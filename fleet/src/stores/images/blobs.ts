/** The blobs of an OCI image layout: files that are called by what is in them. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export interface Blob {
  /** `sha256:…`. */
  readonly digest: string
  readonly size: number
}

export interface Blobs {
  path(digest: string): string
  has(digest: string): Promise<boolean>
  read(digest: string): Promise<Buffer>
  put(bytes: Uint8Array): Promise<Blob>
  /** A file, compressed unless it is: the same content is always the same blob. */
  putGzip(path: string): Promise<Blob>
  /** Removes all but these; returns their size, in bytes. */
  keepOnly(digests: ReadonlySet<string>): Promise<number>
}

/** `folder` is made when something is put. */
export function openBlobs(folder: string): Blobs {
  const path = (digest: string): string => join(folder, digest.replace(/^sha256:/, ''))

  /** Written aside first: what is there under its name is whole. */
  async function put(write: (part: string) => Promise<Blob>): Promise<Blob> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const part = join(folder, `${randomUUID()}.part`)
    try {
      const blob = await write(part)
      await rename(part, path(blob.digest))
      return blob
    } finally {
      await rm(part, { force: true })
    }
  }

  return {
    path,
    has: async (digest) => (await stat(path(digest)).catch(() => null)) !== null,
    read: (digest) => readFile(path(digest)),
    put: (bytes) =>
      put(async (part) => {
        await writeFile(part, bytes)
        const hex = createHash('sha256').update(bytes).digest('hex')
        return { digest: `sha256:${hex}`, size: bytes.byteLength }
      }),
    putGzip: (file) => put((part) => copyGzip(file, part)),
    async keepOnly(digests) {
      const kept = new Set([...digests].map((digest) => path(digest)))
      const all = (await readdir(folder).catch(() => [])).map((name) => join(folder, name))
      let freed = 0
      for (const each of all.filter((file) => !kept.has(file))) {
        freed += (await stat(each)).size
        await rm(each)
      }
      return freed
    },
  }
}

async function copyGzip(from: string, to: string): Promise<Blob> {
  const hash = createHash('sha256')
  let size = 0
  async function* measured(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk)
      size += chunk.byteLength
      yield chunk
    }
  }
  const [source, target] = [createReadStream(from), createWriteStream(to)]
  if (await isGzip(from)) await pipeline(source, measured, target)
  else await pipeline(source, createGzip(), measured, target)
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

/** By its first bytes (RFC 1952, 2.3.1). */
async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}
