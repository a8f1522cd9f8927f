/** `secrets: { store: vault, … }`: where HashiCorp Vault or OpenBao is, and how it knows us. */
import { z } from 'zod'
import { isSafeAddress } from '../setting-values.ts'

const mountPath = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\/[A-Za-z0-9][A-Za-z0-9_-]*)*$/,
    'a path such as secret is wanted',
  )

const filePath = z.string().min(1)

const auth = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('token').describe('A token that is given.'),
    token_file: filePath
      .optional()
      .describe('Holds the token, for its owner alone; without it VAULT_TOKEN does.'),
  }),
  z.strictObject({
    method: z.literal('approle').describe('A login by AppRole.'),
    role_id: z.string().min(1).describe('Of the AppRole; it is no secret.'),
    secret_id_file: filePath
      .optional()
      .describe('Holds the secret id, for its owner alone; without it VAULT_SECRET_ID does.'),
    mount: mountPath.default('approle').describe('Of the login.'),
  }),
  z.strictObject({
    method: z.literal('jwt').describe('A login by JWT.'),
    role: z.string().min(1).describe('Of the login by JWT.'),
    jwt_file: filePath
      .optional()
      .describe('Holds the JWT, for its owner alone; without it VAULT_JWT does.'),
    mount: mountPath.default('jwt').describe('Of the login.'),
  }),
])

export type VaultAuth = z.output<typeof auth>

export const safeAddressRule =
  'keys must not travel in clear: https is wanted, or http on this machine'

export const vault = z.strictObject({
  store: z.literal('vault').describe('HashiCorp Vault or OpenBao.'),
  address: z
    .url({ protocol: /^https?$/, error: 'a URL such as https://vault.example.org:8200 is wanted' })
    .refine(isSafeAddress, safeAddressRule)
    .optional()
    .describe('Of the server; http only on this machine. Without it VAULT_ADDR says it.'),
  namespace: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*\/?$/, 'a namespace is wanted')
    .optional()
    .describe('Of Vault Enterprise or OpenBao; without it VAULT_NAMESPACE says it.'),
  ca_file: filePath
    .optional()
    .describe("PEM of the authority of the server's certificate; without it VAULT_CACERT says it."),
  mount: mountPath.default('secret').describe('Of the KV store, version 2.'),
  path: mountPath.default('timeball').describe('Of the document with the secrets of this fleet.'),
  auth: auth.prefault({ method: 'token' }).describe('How the server knows who asks.'),
})
