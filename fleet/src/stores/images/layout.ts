/**
 * Images in a folder, as an OCI image layout (github.com/opencontainers/image-spec, image-layout.md):
 * `blobs/sha256/HEX`, and `index.json`, which names them.
 */
import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { KeptImage } from '../../core/desired/kept-image.ts'
import type { ImageParts } from '../../ports/image-parts.ts'
import { openBlobs, type Blobs } from './blobs.ts'

const digestText = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const descriptor = z.looseObject({
  mediaType: z.string().max(256),
  digest: digestText,
  size: z.int().nonnegative(),
  platform: z.looseObject({ os: z.string(), architecture: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})
export type Descriptor = z.output<typeof descriptor>

const indexSchema = z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(descriptor) })

/** An image index or an image manifest. */
export const manifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().max(256).optional(),
  config: descriptor.optional(),
  layers: z.array(descriptor).default([]),
  manifests: z.array(descriptor).default([]),
})

/** Of an image's configuration: what its layers are called before they are compressed. */
export const rootfsSchema = z.looseObject({
  rootfs: z.object({ diff_ids: z.array(digestText).max(128) }).catch({ diff_ids: [] }),
})

export const indexType = 'application/vnd.oci.image.index.v1+json'
export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
export const configType = 'application/vnd.oci.image.config.v1+json'
export const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'

const nameKey = 'org.opencontainers.image.ref.name'
const createdKey = 'org.opencontainers.image.created'

export interface Layout {
  readonly folder: string
  readonly blobs: Blobs
  /** The newest first. */
  list(): Promise<readonly KeptImage[]>
  /** The digest that a name means; `null`: it is not here. */
  find(name: string): Promise<string | null>
  /** The name means this image from now on; one that had it keeps its content until pruned. */
  name(name: string, image: Descriptor, createdUnixMs: number): Promise<void>
  /** Compressed layers of all images, by the digest that they have when they are not. */
  layers(): Promise<ReadonlyMap<string, Descriptor>>
  /** All of an image, to be sent elsewhere; rejects where a part is missing. */
  parts(digest: string): Promise<ImageParts>
  /** Forgets all names but these, and what only they needed; returns what became free, in bytes. */
  prune(keep: ReadonlySet<string>): Promise<number>
}

/** Nothing is made before something is kept. */
export function openLayout(folder: string): Layout {
  const blobs = openBlobs(join(folder, 'blobs', 'sha256'))
  const names = indexOf(folder)
  return {
    folder,
    blobs,
    async list() {
      const images = await Promise.all((await names.read()).map((image) => keptOf(image, blobs)))
      return images.toSorted((a, b) => (b.createdUnixMs ?? 0) - (a.createdUnixMs ?? 0))
    },
    async find(name) {
      const found = (await names.read()).find((image) => nameOf(image) === name)
      return found?.digest ?? null
    },
    async name(name, image, createdUnixMs) {
      const others = (await names.read()).filter((other) => nameOf(other) !== name)
      const created = new Date(createdUnixMs).toISOString()
      const annotations = { [nameKey]: name, [createdKey]: created }
      await names.write([...others, { ...image, annotations }])
    },
    async layers() {
      const parts = (
        await Promise.all((await names.read()).map((each) => partsOf(each, blobs)))
      ).flat()
      const images = await Promise.all(parts.map((part) => layersOf(part, blobs)))
      return new Map(images.flat())
    },
    async parts(digest) {
      const image = (await names.read()).find((each) => each.digest === digest)
      return image === undefined
        ? { manifests: [], blobs: [] }
        : await imageParts(await partsOf(image, blobs), blobs)
    },
    async prune(keep) {
      const images = await names.read()
      const kept = images.filter((image) => keep.has(nameOf(image)))
      const parts = (await Promise.all(kept.map((image) => partsOf(image, blobs)))).flat()
      if (kept.length < images.length) await names.write(kept)
      return await blobs.keepOnly(new Set(parts.map(({ digest }) => digest)))
    },
  }
}

function nameOf({ annotations }: Descriptor): string {
  return annotations?.[nameKey] ?? ''
}

/** `index.json`, replaced as a whole. */
function indexOf(folder: string) {
  const path = join(folder, 'index.json')
  return {
    async read(): Promise<readonly Descriptor[]> {
      const text = await readFile(path, 'utf8').catch(() => null)
      return text === null ? [] : indexSchema.parse(JSON.parse(text)).manifests
    },
    async write(manifests: readonly Descriptor[]): Promise<void> {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
      const text = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }, null, 1)
      await writeFile(`${path}.new`, text)
      await rename(`${path}.new`, path)
    },
  }
}

/** The image, and everything that it is made of; attestations are for no machine. */
async function partsOf(
  image: Descriptor,
  blobs: Blobs,
  which: 'all' | 'of machines' = 'all',
): Promise<readonly Descriptor[]> {
  if (!isManifest.has(image.mediaType)) return [image]
  const manifest = manifestSchema.parse(JSON.parse((await blobs.read(image.digest)).toString()))
  const config = manifest.config === undefined ? [] : [manifest.config]
  const wanted = manifest.manifests.filter(
    ({ platform }) => which === 'all' || platform?.os !== 'unknown',
  )
  const below = await Promise.all(wanted.map((each) => partsOf(each, blobs, which)))
  return [image, ...config, ...manifest.layers, ...below.flat()]
}

/** Only of the format that is made here. */
async function layersOf(
  { digest, mediaType }: Descriptor,
  blobs: Blobs,
): Promise<readonly (readonly [string, Descriptor])[]> {
  if (mediaType !== manifestType) return []
  const { config, layers } = manifestSchema.parse(JSON.parse((await blobs.read(digest)).toString()))
  if (config === undefined) return []
  const said = JSON.parse((await blobs.read(config.digest)).toString())
  const { diff_ids: names } = rootfsSchema.parse(said).rootfs
  return layers.flatMap((layer, at) => {
    const name = names[at]
    return name === undefined || layer.mediaType !== layerType ? [] : [[name, layer] as const]
  })
}

/** From `partsOf`, in which those above come first. */
async function imageParts(parts: readonly Descriptor[], blobs: Blobs): Promise<ImageParts> {
  const once = [...new Map(parts.map((part) => [part.digest, part])).values()]
  const manifests = once.filter(({ mediaType }) => isManifest.has(mediaType)).toReversed()
  return {
    manifests: await Promise.all(
      manifests.map(async ({ digest, mediaType }) => ({
        ...{ digest, mediaType },
        bytes: await blobs.read(digest),
      })),
    ),
    blobs: once
      .filter(({ mediaType }) => !isManifest.has(mediaType))
      .map(({ digest, size }) => ({
        ...{ digest, sizeBytes: size },
        open: () => createReadStream(blobs.path(digest)),
      })),
  }
}

/** Of both formats: what comes from a registry may have Docker's. */
const isManifest: ReadonlySet<string> = new Set([
  indexType,
  manifestType,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])

async function keptOf(image: Descriptor, blobs: Blobs): Promise<KeptImage> {
  const parts = await partsOf(image, blobs, 'of machines')
  const sizes = new Map(parts.map(({ digest, size }) => [digest, size]))
  const platforms = parts.flatMap(({ platform }) =>
    platform === undefined ? [] : [`${platform.os}/${platform.architecture}`],
  )
  const created = Date.parse(image.annotations?.[createdKey] ?? '')
  return {
    name: nameOf(image),
    digest: image.digest,
    createdUnixMs: Number.isNaN(created) ? null : created,
    sizeBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    platforms: [...new Set(platforms)],
  }
}
