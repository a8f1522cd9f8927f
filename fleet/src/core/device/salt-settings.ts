/** `salt:` of `fleet.yaml`: where salt-api is, and how it knows us; for `engine: salt`. */
import { z } from 'zod'
import { durationMs, filePath, isSafeAddress } from '../setting-values.ts'

const second = 1_000

export const saltSettings = z
  .strictObject({
    api: z
      .url({ protocol: /^https?$/, error: 'a URL such as https://salt.example.org:8000 is wanted' })
      .refine(isSafeAddress, 'https is wanted, or http on this machine')
      .optional()
      .describe('Of salt-api (rest_cherrypy); http only on this machine.'),
    ca_file: filePath
      .optional()
      .describe("PEM of the authority of its certificate; without it the system's count."),
    eauth: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,31}$/, 'the name of an eauth module such as pam is wanted')
      .default('pam')
      .describe('How salt-api knows the user.'),
    user: z
      .string()
      .regex(/^[^\p{Cc}\s]{1,128}$/u, 'a name without blanks is wanted')
      .default('timeball')
      .describe('Its password is SALT_PASSWORD, of the environment or of the secrets.'),
    ids: z
      .string()
      .regex(
        /^[A-Za-z0-9._-]*\{(?:name|address)\}[A-Za-z0-9._-]*$/,
        'a text with {name} or {address} is wanted',
      )
      .default('{name}')
      .describe('The id of the minion of each device, by its name or its address.'),
    answer_timeout: durationMs(second, 300 * second)
      .prefault('30s')
      .describe('For a minion that has nothing else to do; then it counts as unreachable.'),
  })
  .prefault({})
  .describe('Where salt-api is; for `engine: salt`.')

/** Of the minion on a device. */
export function minionId(pattern: string, device: { name: string; address: string }): string {
  return pattern.replace('{name}', () => device.name).replace('{address}', () => device.address)
}
