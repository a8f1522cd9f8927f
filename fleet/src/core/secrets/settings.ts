/** `secrets:` of `fleet.yaml`: which store keeps the keys, and where it is. */
import { z } from 'zod'
import { vault } from './vault-settings.ts'

/** Of a fleet that names none. */
export const usualAgeFile = 'secrets.age.yaml'

const env = z.strictObject({
  store: z.literal('env').describe('Keys are variables of the environment.'),
})

const age = z.strictObject({
  store: z.literal('age').describe('Keys are in a file, encrypted with age.'),
  file: z
    .string()
    .min(1)
    .default(usualAgeFile)
    .describe('The file with the secrets, each encrypted by itself; relative to fleet.yaml.'),
  identity_file: z
    .string()
    .min(1)
    .optional()
    .describe('The age identity that decrypts them; else that of the environment is taken.'),
})

/** Of a fleet that names none. */
export const usualVaultFile = 'secrets.vault.yml'

const ansibleVault = z.strictObject({
  store: z.literal('ansible-vault').describe('Keys are in files of ansible-vault.'),
  file: z
    .string()
    .min(1)
    .default(usualVaultFile)
    .describe('The file with the secrets that are set from here; relative to fleet.yaml.'),
  variables: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Variables of the inventory; without it API_KEY_1 is api_key_1.'),
})

const stores = [env, age, ansibleVault, vault] as const

type Chosen = z.output<(typeof stores)[number]>

const usualStores = {
  env: { store: 'env' },
  age: { store: 'age', file: usualAgeFile },
  'ansible-vault': { store: 'ansible-vault', file: usualVaultFile, variables: {} },
  vault: { store: 'vault', mount: 'secret', path: 'timeball', auth: { method: 'token' } },
} as const satisfies Readonly<Record<Chosen['store'], Chosen>>

export const secretSettings = z
  .union([z.enum(['env', 'age', 'ansible-vault', 'vault']), z.discriminatedUnion('store', stores)])
  .default('env')
  .transform((value): Chosen => (typeof value === 'string' ? usualStores[value] : value))
  .describe('Where keys come from: env, age, ansible-vault, vault, or a mapping with store.')

export type SecretSettings = z.output<typeof secretSettings>
