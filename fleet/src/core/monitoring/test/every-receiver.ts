/** A fleet.yaml that uses everything that monitoring can do. */
export const everyReceiver = `
fleet: "no"
monitoring:
  scrape_interval: 1s
  time_scale: 0.02
  controller: "[fd00::1]:8080"
  controller_token_file: keys/controller
  alert_prefix: Time_
  guide_alert_names: true
  alerts:
    DiskSpaceHigh: { severity: critical, for: 30m, labels: { team: storage }, receivers: [email, slack] }
    TemperatureHigh: { severity: none }
    StratumChanged: { receivers: [webhook] }
  off: [PpsLost]
  rule_files: [rules/own.yml]
  receivers:
    slack: { webhook_url_file: keys/slack, channel: "#time" }
    webhook: { url: "http://127.0.0.1:9999/hook", bearer_token_file: keys/token, from: critical }
    email:
      to: a@example.org
      sender: b@example.org
      smarthost: mail.example.org:587
      username: timeball
      password_file: /etc/mail-password
    pagerduty: { routing_key_file: keys/pagerduty }
    watchdog: { url: "http://127.0.0.1:9998/alive" }
  remote_write: { url: "https://metrics.example.org/api/v1/push", bearer_token_file: keys/store }
  maintenance:
    - { days: [sunday], from: "02:00", to: "04:00", location: Europe/Berlin }
    - { from: "12:00", to: "24:00" }
`
