/**
 * Takes what `docker save` wrote into the blobs of a layout. All versions of Docker write `manifest.json` for it,
 * beside whatever else; layers are compressed here, since Docker keeps them as they run.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Blobs } from './blobs.ts'
import { configType, layerType, manifestType, type Descriptor } from './layout.ts'

const path = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._/-]{0,255}$/)
const savedSchema = z.tuple([z.looseObject({ Config: path, Layers: z.array(path).max(128) })])
const configSchema = z.looseObject({ architecture: z.string(), os: z.string() })

/** `folder` has the unpacked archive of one image. The failure is what is wrong with it. */
export async function importArchive(
  folder: string,
  blobs: Blobs,
): Promise<Result<Descriptor, string>> {
  const saved = savedSchema.safeParse(await readJson(join(folder, 'manifest.json')))
  if (!saved.success) return fail('docker save wrote no manifest.json of one image')
  const [{ Config, Layers }] = saved.data
  const configBytes = await readFile(join(folder, Config))
  const config = configSchema.safeParse(JSON.parse(configBytes.toString('utf8')))
  if (!config.success) return fail('the image does not say for which machines it is')
  const layers: Descriptor[] = []
  for (const layer of Layers) {
    layers.push({ mediaType: layerType, ...(await blobs.putGzip(join(folder, layer))) })
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, ...(await blobs.put(configBytes)) },
    layers,
  }
  const { os, architecture } = config.data
  const put = await blobs.put(Buffer.from(JSON.stringify(manifest)))
  return ok({ mediaType: manifestType, ...put, platform: { os, architecture } })
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => 'null')
  return JSON.parse(text)
}
