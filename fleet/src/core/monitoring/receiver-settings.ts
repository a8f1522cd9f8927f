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

const tokenFile = filePath.optional().describe('Holds the token that it wants.')

export const remoteWrite = z.strictObject({
  url: openUrl.describe('Where it takes samples, by the remote-write protocol.'),
  bearer_token_file: tokenFile,
})

export const receiverSettings = z
  .strictObject({
    slack: z
      .strictObject({
        webhook_url_file: filePath.describe("Holds Slack's incoming webhook URL."),
        channel: z
          .string()
          .regex(/^[#@]?[A-Za-z0-9._-]{1,80}$/, 'such as #time')
          .describe('Such as #time.'),
        from,
      })
      .optional()
      .describe('A channel of Slack.'),
    webhook: z
      .strictObject({
        url: openUrl.describe("What gets Alertmanager's JSON."),
        bearer_token_file: tokenFile,
        from,
      })
      .optional()
      .describe('A program of your own.'),
    email: z
      .strictObject({
        to: z.email().describe('Who gets it.'),
        sender: z.email().describe('Whom it comes from.'),
        smarthost: hostAndPort.describe('The mail server, HOST:PORT.'),
        username: z
          .string()
          .min(1)
          .max(255)
          .optional()
          .describe('For a mail server that wants a login.'),
        password_file: filePath.optional().describe('Holds the password of that login.'),
        require_tls: z.boolean().default(true).describe('false: mail may go unencrypted.'),
        from,
      })
      .optional()
      .describe('Mail.'),
    pagerduty: z
      .strictObject({
        routing_key_file: filePath.describe('Holds the integration key of Events API v2.'),
        from: from.default('critical'),
      })
      .optional()
      .describe('PagerDuty.'),
    watchdog: z
      .strictObject({
        url: openUrl.describe('What is called; it has to raise an alarm when that stops.'),
        bearer_token_file: tokenFile,
      })
      .optional()
      .describe("Told every few minutes that all is alive: a dead man's switch outside."),
  })
  .prefault({})
  .describe('Who is told of alerts. Secrets are in files of their own.')

export type ReceiverSettings = z.output<typeof receiverSettings>
