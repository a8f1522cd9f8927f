/**
 * Takes what `docker save` wrote into the blobs of a layout. All versions of Docker write `manifest.json` for it,
 * beside whatever else; layers are compressed here, since Docker keeps them as they run, and those that
 * the layout has from another image are taken as they are.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Blobs } from './blobs.ts'
import {
  configType,
  layerType,
  manifestType,
  rootfsSchema,
  type Descriptor,
  type Layout,
} from './layout.ts'

const path = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._/-]{0,255}$/)
const savedSchema = z.tuple([z.looseObject({ Config: path, Layers: z.array(path).max(128) })])
const configSchema = rootfsSchema.extend({
  architecture: z.string(),
  os: z.string(),
  history: z
    .array(z.looseObject({ created: z.string().optional(), empty_layer: z.boolean().optional() }))
    .max(1_024)
    .default([]),
})
type Config = z.output<typeof configSchema>

/** `folder` has the unpacked archive of one image. The failure is what is wrong with it. */
export async function importArchive(
  folder: string,
  { blobs, layers: known }: Pick<Layout, 'blobs' | 'layers'>,
): Promise<Result<Descriptor, string>> {
  const saved = savedSchema.safeParse(await readJson(join(folder, 'manifest.json')))
  if (!saved.success) return fail('docker save wrote no manifest.json of one image')
  const [{ Config, Layers }] = saved.data
  const configBytes = await readFile(join(folder, Config))
  const config = configSchema.safeParse(JSON.parse(configBytes.toString('utf8')))
  if (!config.success) return fail('the image does not say for which machines it is')
  const layers: Descriptor[] = []
  const there = await known()
  for (const [at, layer] of Layers.entries()) {
    const same = there.get(config.data.rootfs.diff_ids[at] ?? '')
    layers.push(same ?? (await compress(join(folder, layer), blobs)))
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, ...(await blobs.put(steady(configBytes, config.data))) },
    layers,
  }
  const { os, architecture } = config.data
  const put = await blobs.put(Buffer.from(JSON.stringify(manifest)))
  return ok({ mediaType: manifestType, ...put, platform: { os, architecture } })
}

/** What Docker adds to the format. */
const ofDocker: ReadonlySet<string> = new Set(['container', 'container_config', 'docker_version'])

/**
 * Without what is another one each time that Docker makes the same of the same layers: the image is
 * as old as its newest layer.
 */
function steady(bytes: Buffer, { history }: Config): Buffer {
  const parts = z.looseObject({}).parse(JSON.parse(bytes.toString('utf8')))
  const kept = Object.entries(parts).filter(([name]) => !ofDocker.has(name))
  const times = history.flatMap((step) => (step.empty_layer === true ? [] : (step.created ?? [])))
  const created = times.toSorted().at(-1)
  if (created === undefined) return Buffer.from(JSON.stringify(Object.fromEntries(kept)))
  const steps = history.map((step) => (step.empty_layer === true ? { ...step, created } : step))
  const said = { ...Object.fromEntries(kept), created, history: steps }
  return Buffer.from(JSON.stringify(said))
}

async function compress(path: string, blobs: Blobs): Promise<Descriptor> {
  return { mediaType: layerType, ...(await blobs.putGzip(path)) }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => 'null')
  return JSON.parse(text)
}
