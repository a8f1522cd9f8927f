/** `image:` and `packages:` of `fleet.yaml`: what devices are to have. */
import { z } from 'zod'
import type { AccessSettings } from '../access/settings.ts'
import { withRegistry } from './carried-image.ts'
import { parseImageReference } from './image-reference.ts'
import type { SignerIdentity } from './signer-identity.ts'

const imageName = z
  .string()
  .check((context) => {
    const parsed = parseImageReference(context.value)
    if (parsed.ok) return
    context.issues.push({ code: 'custom', message: parsed.failure, input: context.value })
  })
  .transform((name) => withRegistry(name))

/** Of a fleet that names none. */
export const defaultImage = 'localhost/mcp-utc-time-server:0.1.0'

/** Who may have signed an image; paths are resolved. */
export interface SignerSettings {
  readonly signature_keys: readonly string[]
  readonly signature_identities: readonly SignerIdentity[]
  readonly trusted_root?: string | undefined
}

/** Whether only what is signed is taken. */
export function wantsSignature(settings: SignerSettings): boolean {
  return settings.signature_keys.length + settings.signature_identities.length > 0
}

const identity = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/ })
    .describe('The URL of the OIDC issuer that vouches for it.'),
  identity: z.string().min(1).max(1_024).describe('A URL or an e-mail address; * is any text.'),
})

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
      signature_identities: z
        .array(identity)
        .max(16)
        .default([])
        .describe('Who else may have signed it, without a key (Fulcio, Rekor).'),
      trusted_root: z
        .string()
        .min(1)
        .optional()
        .describe("Sigstore's trusted root (JSON), relative to fleet.yaml; identities need it."),
    }),
  ])
  .refine(
    (value) =>
      typeof value === 'string' ||
      value.signature_identities.length === 0 ||
      value.trusted_root !== undefined,
    { path: ['signature_identities'], message: 'image.trusted_root is needed to check them' },
  )
  .transform((value) =>
    typeof value === 'string'
      ? { ref: value, plain_http: false, signature_keys: [], signature_identities: [] }
      : value,
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
  readonly clock: {
    readonly discipline: boolean
    readonly authenticate: 'no' | 'offer' | 'require'
  }
  readonly health: { readonly max_offset_ms: number }
  readonly access?: AccessSettings | undefined
  readonly ssh?: { readonly account?: { readonly user: string } | undefined }
}
