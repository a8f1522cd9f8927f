/** `image:` and `packages:` of `fleet.yaml`: what devices are to have. */
import { z } from 'zod'
import type { AccessSettings } from '../access/settings.ts'
import { parseImageReference } from './image-reference.ts'

const imageName = z.string().check((context) => {
  const parsed = parseImageReference(context.value)
  if (parsed.ok) return
  context.issues.push({ code: 'custom', message: parsed.failure, input: context.value })
})

/** Of a fleet that names none. */
export const defaultImage = 'localhost/mcp-utc-time-server:0.1.0'

export const imageSettings = z
  .union([
    imageName,
    z.strictObject({
      ref: imageName.describe('name:tag or name@sha256:digest.'),
      plain_http: z.boolean().default(false).describe('The registry is asked without TLS.'),
      signature_keys: z
        .array(z.string().min(1))
        .max(16)
        .default([])
        .describe('Public keys, relative to fleet.yaml; one of them must have signed the image.'),
    }),
  ])
  .transform((value) =>
    typeof value === 'string' ? { ref: value, plain_http: false, signature_keys: [] } : value,
  )
  .describe('The time-server image, as name:tag or name@sha256:digest; a tag is resolved once.')

/** Debian's grammars, without endings that apt-get would take for "remove" and "install". */
const packageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+.-]{0,98}[a-z0-9]$/, 'the name of a Debian package is wanted')
const packageVersion = z
  .string()
  .max(128)
  .regex(/^(\d+:)?\d([A-Za-z0-9.+~-]*[A-Za-z0-9])?$/, 'a version is wanted, such as "3.25-5"')

export const packageSettings = z
  .record(packageName, packageVersion)
  .default({})
  .describe('Debian packages at exactly these versions; what is for GPS only where there is GPS.')

/** What the desired state of a device takes from the settings of its fleet. */
export interface DesiredSettings {
  readonly packages: z.output<typeof packageSettings>
  readonly clock: { readonly discipline: boolean }
  readonly health: { readonly max_offset_ms: number }
  readonly access?: AccessSettings | undefined
}
