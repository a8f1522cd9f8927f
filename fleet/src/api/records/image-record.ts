/** The record of `image build`, `image list` and `image prune`. */
import { z } from 'zod'
import type { HeldImage } from '../../core/ask/held-images.ts'
import {
  baseOf,
  imageProofs,
  platformsWith,
  type ImageFacts,
} from '../../core/desired/image-facts.ts'
import type { KeptImage } from '../../core/desired/kept-image.ts'
import { device, names, unknownNumber } from './parts.ts'

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

const statements = z
  .strictObject({
    sbom: names.describe('Platforms that have one.'),
    provenance: names.describe('Platforms that have one.'),
  })
  .describe('In the image or beside it, by whomever.')

export const imageFacts = z
  .strictObject({
    type: z.literal('image_facts'),
    name: z.string(),
    place: z.enum(['kept', 'registry']),
    digest: z.string(),
    size_bytes: z.number().describe('Compressed, all platforms together.'),
    platforms: z.array(
      z.strictObject({
        platform: z.string(),
        digest: z.string(),
        size_bytes: z.number(),
        labels: z.record(z.string(), z.string()),
      }),
    ),
    base: z.string().nullable().describe('What it was built on; null: its labels do not say.'),
    statements,
    signatures: z.number(),
    signed_by: z
      .string()
      .nullable()
      .describe('The file of the key, or the identity; null: none that is known.'),
  })
  .describe('What is known of an image without running it (image inspect).')

export const imageProof = z
  .strictObject({
    type: z.literal('image_proof'),
    image: z.string(),
    digest: z.string(),
    proof: z.enum(imageProofs),
    state: z.enum(['kept', 'broken', 'unknown']),
    message: z.string(),
  })
  .describe('Something that was to be proved of an image (image verify).')

export const imageSignature = z
  .strictObject({
    type: z.literal('image_signature'),
    image: z.string(),
    digest: z.string(),
    state: z.enum(['signed', 'there']).describe('there: the key has signed it before.'),
    public_key: z.string().nullable().describe('PEM; for image.signature_keys; null: an identity.'),
    identity: z
      .strictObject({ issuer: z.string(), identity: z.string() })
      .nullable()
      .describe('For image.signature_identities; null: a key signed.'),
  })
  .describe('An image that was signed (image sign).')

export const heldImage = z
  .strictObject({
    type: z.literal('held_image'),
    device,
    image: z.string().describe('By digest, where the device knows one.'),
    state: z
      .enum(['runs', 'ready', 'gone', 'spare'])
      .describe(
        'ready: a kept generation can be activated with it; gone: one would need it, and it is not there; spare: no generation names it.',
      ),
    generation: unknownNumber.describe('The newest that names it; null: none does.'),
    size_bytes: unknownNumber.describe('Unpacked; null: it is not there.'),
  })
  .describe('An image that a device has, or would need to be rolled back (image list --devices).')

export function heldImageRecord({ sizeBytes, ...held }: HeldImage): z.output<typeof heldImage> {
  return { type: 'held_image', ...held, size_bytes: sizeBytes }
}

export function factsRecord({ name, place, facts }: DescribedFacts): z.output<typeof imageFacts> {
  return {
    type: 'image_facts',
    name,
    place,
    digest: facts.digest,
    size_bytes: facts.sizeBytes,
    platforms: facts.platforms.map(({ platform, digest, sizeBytes, labels }) => ({
      platform,
      digest,
      size_bytes: sizeBytes,
      labels: Object.fromEntries(labels),
    })),
    base: baseOf(facts),
    statements: {
      sbom: [...platformsWith(facts, 'sbom')],
      provenance: [...platformsWith(facts, 'provenance')],
    },
    signatures: facts.signatures,
    signed_by: facts.signedBy?.ok === true ? facts.signedBy.value : null,
  }
}

interface DescribedFacts {
  readonly name: string
  readonly place: 'kept' | 'registry'
  readonly facts: ImageFacts
}

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
