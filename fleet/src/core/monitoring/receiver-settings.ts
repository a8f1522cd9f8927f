/** `monitoring.receivers` of `fleet.yaml`: who is told. Secrets are named by file, never inline. */
import { z } from 'zod'
import { hostAndPort } from '../setting-values.ts'

/** Path of a file, relative to fleet.yaml. A secret's holds that and nothing else. */
export const filePath = z
  .string()
  .regex(/^[A-Za-z0-9_./+-]{1,255}$/, 'a path of letters, digits and _./+- is wanted')
const from = z
  .enum(['warning', 'critical'])
  .default('warning')
  .describe('critical: warnings do not go here.')

/** A URL that may stand in a file in git: it has no password in it. */
const openUrl = z
  .url({ protocol: /^https?$/, error: 'a URL is wanted' })
  .refine((url) => !/^[a-z]+:\/\/[^/]*@/.test(url), 'a password in a URL: use bearer_token_file')

export const remoteWrite = z.strictObject({
  url: openUrl,
  bearer_token_file: filePath.optional(),
})

export const receiverSettings = z
  .strictObject({
    slack: z
      .strictObject({
        webhook_url_file: filePath.describe("Holds Slack's incoming webhook URL."),
        channel: z.string().regex(/^[#@]?[A-Za-z0-9._-]{1,80}$/, 'such as #time'),
        from,
      })
      .optional(),
    webhook: z
      .strictObject({ url: openUrl, bearer_token_file: filePath.optional(), from })
      .optional(),
    email: z
      .strictObject({
        to: z.email(),
        sender: z.email(),
        smarthost: hostAndPort,
        username: z.string().min(1).max(255).optional(),
        password_file: filePath.optional(),
        require_tls: z.boolean().default(true),
        from,
      })
      .optional(),
    pagerduty: z
      .strictObject({ routing_key_file: filePath, from: from.default('critical') })
      .optional(),
    watchdog: z
      .strictObject({
        url: openUrl,
        bearer_token_file: filePath.optional(),
      })
      .optional()
      .describe("Told every few minutes that all is alive: a dead man's switch outside."),
  })
  .prefault({})

export type ReceiverSettings = z.output<typeof receiverSettings>
