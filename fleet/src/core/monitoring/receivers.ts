/** Receivers as Alertmanager has them. Secrets are read from files, and never stand here. */
import type { ReceiverSettings } from './receiver-settings.ts'

export interface Receiver {
  readonly name: string
  readonly from: 'warning' | 'critical'
  readonly config: Readonly<Record<string, unknown>>
}

interface Receivers {
  readonly told: readonly Receiver[]
  /** Is told that all is alive, and nothing else. */
  readonly watchdog: Receiver | null
}

type SecretPath = (path: string) => string

export function receiversOf(settings: ReceiverSettings, secretPath: SecretPath): Receivers {
  const { watchdog } = settings
  return {
    told: [
      slackReceiver(settings.slack, secretPath),
      webhookReceiver('webhook', settings.webhook, secretPath),
      emailReceiver(settings.email, secretPath),
      pagerdutyReceiver(settings.pagerduty, secretPath),
    ].filter((receiver) => receiver !== null),
    watchdog: webhookReceiver(
      'watchdog',
      watchdog === undefined ? undefined : { ...watchdog, from: 'warning' },
      secretPath,
    ),
  }
}

/** Files that Alertmanager reads, as fleet.yaml names them. */
export function receiverSecrets(settings: ReceiverSettings): string[] {
  const { slack, webhook, email, pagerduty, watchdog } = settings
  return [
    slack?.webhook_url_file,
    webhook?.bearer_token_file,
    email?.password_file,
    pagerduty?.routing_key_file,
    watchdog?.bearer_token_file,
  ].filter((path) => path !== undefined)
}

// One message for a group, however many alerts are in it, and it says which of them are over.
const title =
  '{{ if eq .Status "firing" }}{{ .CommonLabels.severity }}: {{ .GroupLabels.alertname }} ({{ .Alerts.Firing | len }}){{ else }}resolved: {{ .GroupLabels.alertname }}{{ end }}{{ with .GroupLabels.site }} at {{ . }}{{ end }}, fleet {{ .GroupLabels.fleet }}'
const text = [
  '{{ range .Alerts.Firing }}• {{ .Annotations.summary }}. {{ .Annotations.description }}',
  '{{ end }}{{ range .Alerts.Resolved }}• over: {{ .Annotations.summary }}',
  '{{ end }}{{ .CommonAnnotations.runbook_url }}',
].join('\n')

function slackReceiver(slack: ReceiverSettings['slack'], secretPath: SecretPath): Receiver | null {
  if (slack === undefined) return null
  const config = {
    api_url_file: secretPath(slack.webhook_url_file),
    channel: slack.channel,
    send_resolved: true,
    title,
    title_link: '{{ .CommonAnnotations.runbook_url }}',
    text,
    fallback: title,
    color:
      '{{ if eq .Status "resolved" }}good{{ else if eq .CommonLabels.severity "critical" }}danger{{ else }}warning{{ end }}',
  }
  return { name: 'slack', from: slack.from, config: { slack_configs: [config] } }
}

function webhookReceiver(
  name: string,
  webhook: ReceiverSettings['webhook'],
  secretPath: SecretPath,
): Receiver | null {
  if (webhook === undefined) return null
  const { url, bearer_token_file: token, from } = webhook
  const authorization =
    token === undefined
      ? {}
      : { http_config: { authorization: { credentials_file: secretPath(token) } } }
  const config = { url, send_resolved: name !== 'watchdog', ...authorization }
  return { name, from, config: { webhook_configs: [config] } }
}

function emailReceiver(email: ReceiverSettings['email'], secretPath: SecretPath): Receiver | null {
  if (email === undefined) return null
  const { username, password_file: password } = email
  const config = {
    to: email.to,
    from: email.sender,
    smarthost: email.smarthost,
    require_tls: email.require_tls,
    send_resolved: true,
    ...(username === undefined ? {} : { auth_username: username }),
    ...(password === undefined ? {} : { auth_password_file: secretPath(password) }),
    headers: { Subject: title },
  }
  return { name: 'email', from: email.from, config: { email_configs: [config] } }
}

function pagerdutyReceiver(
  pagerduty: ReceiverSettings['pagerduty'],
  secretPath: SecretPath,
): Receiver | null {
  if (pagerduty === undefined) return null
  const config = {
    routing_key_file: secretPath(pagerduty.routing_key_file),
    send_resolved: true,
    description: title,
    severity: '{{ .CommonLabels.severity }}',
  }
  return { name: 'pagerduty', from: pagerduty.from, config: { pagerduty_configs: [config] } }
}
