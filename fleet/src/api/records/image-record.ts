/** The record of `image build`, `image list` and `image prune`. */
import { z } from 'zod'
import type { KeptImage } from '../../core/desired/kept-image.ts'
import { names, unknownNumber } from './parts.ts'

export const image = z
  .strictObject({
    type: z.literal('image'),
    name: z.string(),
    digest: z.string(),
    platforms: names,
    size_bytes: z.number().describe('Compressed, all platforms together.'),
    created_unix_ms: unknownNumber,
  })
  .describe('An image that is kept beside the fleet (image build, list, prune).')

const amount = z.strictObject({ blobs: z.number(), bytes: z.number() })

export const imagePush = z
  .strictObject({
    type: z.literal('image_push'),
    image: z.string().describe('Of the images that are kept.'),
    name: z.string().describe('In the registry.'),
    digest: z.string(),
    sent: amount,
    there: amount.describe('What the registry had already.'),
  })
  .describe('An image that was brought into a registry (image push).')

export function imageRecord(kept: KeptImage): z.output<typeof image> {
  return {
    type: 'image',
    name: kept.name,
    digest: kept.digest,
    platforms: [...kept.platforms],
    size_bytes: kept.sizeBytes,
    created_unix_ms: kept.createdUnixMs,
  }
}
