/** What an image is made of, read from its layers; nothing of it is run, so any platform can be read. */
import { list } from 'tar'
import { z } from 'zod'
import { parseDpkgStatus } from '../../core/image/dpkg-status.ts'
import type { FoundPackage, ImageContents } from '../../core/image/found-package.ts'
import type { Blobs } from './blobs.ts'
import { manifestSchema } from './layout.ts'

const statusPath = 'var/lib/dpkg/status'
const releasePath = 'usr/lib/os-release'
/** What is bundled in the time server (`time-server/build.ts`). */
const bundledPath = 'opt/time-server/packages.json'
const texts: ReadonlySet<string> = new Set([statusPath, releasePath, bundledPath])
const nodePath = 'usr/local/bin/node'
const maxTextBytes = 16 * 1024 * 1024

interface Found {
  readonly texts: Map<string, string>
  node: string | null
}

/** Of one platform, by the digest of its manifest. Rejects where a layer cannot be read. */
export async function readContents(digest: string, blobs: Blobs): Promise<ImageContents> {
  const { config, layers } = manifestSchema.parse(await readJson(digest, blobs))
  const said = configSchema.parse(config === undefined ? {} : await readJson(config.digest, blobs))
  const createdMs = Date.parse(said.created)
  const found: Found = { texts: new Map(), node: null }
  // Upper layers replace what is in those below.
  for (const layer of layers) await readLayer(blobs.path(layer.digest), found)
  const read = (path: string): string => found.texts.get(path) ?? ''
  return {
    created: Number.isNaN(createdMs) ? null : `${new Date(createdMs).toISOString().slice(0, 19)}Z`,
    distribution: distributionOf(read(releasePath)),
    packages: [
      ...parseDpkgStatus(read(statusPath)),
      ...bundledIn(read(bundledPath)),
      ...(found.node === null ? [] : [nodeOf(found.node)]),
    ],
  }
}

const configSchema = z.object({ created: z.string().max(64).catch('') })

async function readJson(digest: string, blobs: Blobs): Promise<unknown> {
  return JSON.parse((await blobs.read(digest)).toString())
}

async function readLayer(file: string, found: Found): Promise<void> {
  let mistake: string | null = null
  await list({
    file,
    // Docker writes entries that are odd and harmless; what is cut off is neither.
    onwarn(code, message) {
      if (code === 'TAR_BAD_ARCHIVE') mistake = message
    },
    filter: (path) => texts.has(plain(path)) || plain(path) === nodePath,
    onReadEntry(entry) {
      if (entry.type !== 'File') return
      const path = plain(entry.path)
      if (path === nodePath) {
        const seen = nodeVersionIn()
        entry.on('data', (chunk) => seen.take(chunk))
        entry.on('end', () => (found.node = seen.version()))
      } else if (entry.size <= maxTextBytes) {
        const chunks: Buffer[] = []
        entry.on('data', (chunk) => chunks.push(chunk))
        entry.on('end', () => found.texts.set(path, Buffer.concat(chunks).toString('utf8')))
      }
    },
  })
  if (mistake !== null) throw new Error(mistake)
}

/** Some layers begin their names with `./`. */
function plain(path: string): string {
  return path.replace(/^\.\//, '')
}

/** Node has the URL of its own release in it. */
const release = /node\.js\/v(?<version>\d{1,4}\.\d{1,4}\.\d{1,4})\b/
const marker = 'node.js/v'
const markedBytes = 32

/** Looks through a program that comes in pieces. */
function nodeVersionIn(): { take(chunk: Buffer): void; version(): string | null } {
  let version: string | null = null
  let rest = Buffer.alloc(0)
  return {
    take(chunk) {
      if (version !== null) return
      const text = Buffer.concat([rest, chunk])
      for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + 1)) {
        const near = text.toString('latin1', at, at + markedBytes)
        version ??= release.exec(near)?.groups?.['version'] ?? null
      }
      rest = text.subarray(Math.max(0, text.length - markedBytes))
    },
    version: () => version,
  }
}

function nodeOf(version: string): FoundPackage {
  return { kind: 'node', name: 'node', version, architecture: null, source: null, license: 'MIT' }
}

const bundledSchema = z
  .array(
    z.object({
      name: z.string().regex(/^(?:@[a-z0-9._-]{1,80}\/)?[a-z0-9._-]{1,120}$/),
      version: z.string().regex(/^[A-Za-z0-9.+-]{1,80}$/),
      license: z
        .string()
        .regex(/^[A-Za-z0-9.+() -]{1,120}$/)
        .nullable()
        .catch(null),
    }),
  )
  .max(1_000)

function bundledIn(text: string): readonly FoundPackage[] {
  if (text === '') return []
  return bundledSchema
    .parse(JSON.parse(text))
    .map((each) => ({ kind: 'npm', ...each, architecture: null, source: null }))
}

/** `ID-VERSION_ID` (os-release(5)). */
function distributionOf(text: string): string | null {
  const of = (name: string): string | null => {
    const line = text.split('\n').find((each) => each.startsWith(`${name}=`))
    const value = line?.slice(name.length + 1).replaceAll('"', '') ?? ''
    return /^[a-z0-9._-]{1,40}$/.test(value) ? value : null
  }
  const [id, version] = [of('ID'), of('VERSION_ID')]
  return id === null || version === null ? null : `${id}-${version}`
}
