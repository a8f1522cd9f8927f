/** `access:` of `fleet.yaml`: who may log in to devices, and how sshd lets them. */
import { z } from 'zod'
import { accountName } from '../setting-values.ts'

const publicKey = z
  .string()
  .max(4096)
  .regex(
    /^(?:sk-)?(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))(?:@openssh\.com)? [A-Za-z0-9+/]{40,}={0,3}(?: [A-Za-z0-9._@+:-]{1,100})?$/,
    'a public key is wanted, as in id_ed25519.pub',
  )

const date = z
  .string()
  .regex(
    /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
    'a date such as 2027-03-01 is wanted',
  )

const network = z
  .string()
  .regex(/^[0-9A-Fa-f][0-9A-Fa-f:.]{1,44}(?:\/\d{1,3})?$/, 'such as 10.0.0.0/8 is wanted')

const operator = z.strictObject({
  keys: z
    .array(publicKey)
    .max(20)
    .default([])
    .describe('Public keys of this operator; none is needed where user_ca signs them.'),
  expires: date
    .optional()
    .describe("The last day on which they are taken, by the device's clock; left out: for good."),
  from: z
    .array(network)
    .max(50)
    .default([])
    .describe('Addresses and networks from which the keys are taken; left out: from everywhere.'),
  sudo: z.boolean().default(true).describe('Whether this account may become root.'),
})

export const accessSettings = z
  .strictObject({
    operators: z
      .record(accountName, operator)
      .default({})
      .describe('Accounts by name, each with the keys that open it.'),
    user_ca: z
      .array(publicKey)
      .max(8)
      .default([])
      .describe('Authorities whose certificates open the account that they name.'),
    revoked: z
      .array(publicKey)
      .max(200)
      .default([])
      .describe(
        'Public keys that open nothing, signed or not, and authorities that count no more.',
      ),
  })
  .describe('Who may log in to devices; without it Timeball leaves sshd and accounts alone.')

export type AccessSettings = z.output<typeof accessSettings>
