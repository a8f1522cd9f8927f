/** `secrets:` of `fleet.yaml`: which store keeps the keys, and where it is. */
import { z } from 'zod'

/** Of a fleet that names none. */
export const usualAgeFile = 'secrets.age.yaml'

const env = z.strictObject({ store: z.literal('env') })

const age = z.strictObject({
  store: z.literal('age'),
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

export const secretSettings = z
  .union([z.enum(['env', 'age']), z.discriminatedUnion('store', [env, age])])
  .default('env')
  .transform((value): z.output<typeof env> | z.output<typeof age> => {
    if (value === 'env') return { store: 'env' }
    return value === 'age' ? { store: 'age', file: usualAgeFile } : value
  })
  .describe('Where keys come from: env, age, or a mapping with store.')

export type SecretSettings = z.output<typeof secretSettings>
