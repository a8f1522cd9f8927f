/**
 * What is generated for the guide's inventory, in full, so that a review sees every change. Written
 * anew with: node fleet/test/monitoring/generated.test.ts --write
 */
import assert from 'node:assert/strict'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { generateMonitoring } from '../../src/core/monitoring/generate.ts'
import { everyReceiver } from '../../src/core/monitoring/test/every-receiver.ts'
import { fleetOf, guideInventory, inventoryOf } from '../make-fleet.ts'

const golden = join(import.meta.dirname, 'guide')

function generated(inventory?: string, settings?: string): ReadonlyMap<string, string> {
  return generateMonitoring(fleetOf(inventory, settings), { fleetFolder: '..' })
}

/** Dashboards are large, and have a test of their own. */
const small = [...generated()].filter(([path]) => !path.startsWith('grafana/dashboards/'))

if (process.argv.includes('--write')) {
  rmSync(golden, { recursive: true, force: true })
  for (const [path, text] of small) {
    const file = join(golden, fileOf(path))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** A `.gitignore` among the goldens would be in force. */
function fileOf(path: string): string {
  return path === '.gitignore' ? 'gitignore' : path
}

test('the guide’s inventory gives the files that were reviewed', () => {
  const files = globSync('**/*', { cwd: golden, withFileTypes: true })
  assert.equal(files.filter((file) => file.isFile()).length, small.length)
  for (const [path, text] of small) {
    assert.equal(text, readFileSync(join(golden, fileOf(path)), 'utf8'), path)
  }
})

test('the same fleet gives the same bytes', () => {
  assert.deepEqual(
    generated(guideInventory, everyReceiver),
    generated(guideInventory, everyReceiver),
  )
})

test('site and fleet are labels of targets and of what the controller measures', () => {
  const files = generated(
    inventoryOf({
      'pi-1': ['ansible_host: 192.168.1.1', 'site: berlin', 'metrics_port: 9191'],
      'pi.2': ['ansible_host: "fd00::2"', 'site: oslo'],
    }),
    'fleet: prod\n',
  )
  assert.deepEqual(JSON.parse(files.get('targets.json') ?? ''), [
    {
      targets: ['192.168.1.1:9191'],
      labels: {
        fleet: 'prod',
        site: 'berlin',
        role: 'stratum2',
        device: 'pi-1',
        instance: 'pi-1:9191',
      },
    },
    {
      targets: ['[fd00::2]:9090'],
      labels: {
        fleet: 'prod',
        site: 'oslo',
        role: 'stratum2',
        device: 'pi.2',
        instance: 'pi.2:9090',
      },
    },
  ])
  const { scrape_configs: jobs } = parse(files.get('prometheus.yml') ?? '')
  assert.deepEqual(jobs[1].metric_relabel_configs.slice(1), [
    { source_labels: ['device'], regex: 'pi-1', target_label: 'site', replacement: 'berlin' },
    { source_labels: ['device'], regex: 'pi\\.2', target_label: 'site', replacement: 'oslo' },
  ])
})

test('no secret is in any file, only where it is', () => {
  const files = [...generated(undefined, everyReceiver)]
  const all = files.map(([, text]) => text).join('\n')
  assert.match(all, /api_url_file: \.\.\/keys\/slack/)
  assert.match(all, /auth_password_file: \/etc\/mail-password/)
  assert.doesNotMatch(all, /^\s*(api_url|routing_key|auth_password|credentials|password):/m)
})

test('Compose gets the secrets where Alertmanager looks for them, and pinned images', () => {
  const { services } = parse(generated(undefined, everyReceiver).get('docker-compose.yml') ?? '')
  assert.deepEqual(services.alertmanager.volumes, [
    './alertmanager.yml:/timeball/fleet/monitoring/alertmanager.yml:ro',
    './../keys/slack:/timeball/fleet/keys/slack:ro',
    './../keys/token:/timeball/fleet/keys/token:ro',
    '/etc/mail-password:/etc/mail-password:ro',
    './../keys/pagerduty:/timeball/fleet/keys/pagerduty:ro',
    './data/alertmanager:/timeball/fleet/monitoring/data/alertmanager',
  ])
  for (const { image, healthcheck } of Object.values<Service>(services)) {
    assert.match(image, /:v?\d+\.\d+\.\d+$/)
    assert.ok(healthcheck)
  }
})

interface Service {
  readonly image: string
  readonly healthcheck: unknown
}

test('alerts that are off, or that the fleet has nothing for, are left out', () => {
  const rules = generated(undefined, 'monitoring: { off: [HighOffset], controller: none }\n')
  const text = rules.get('rules.yml') ?? ''
  assert.doesNotMatch(text, /alert: TimeballHighOffset/)
  assert.doesNotMatch(text, /alert: TimeballControllerDown/)
  assert.match(text, /alert: TimeballPpsLost/)
  const plain = generated(inventoryOf({ 'pi-1': ['ansible_host: 192.168.1.1'] }))
  assert.doesNotMatch(
    plain.get('rules.yml') ?? '',
    /alert: Timeball(PpsLost|GpsFixLost|HoldoverTooLong|UpstreamsLost)/,
  )
})

test('limits are those of fleet.yaml', () => {
  const settings = `
health: { disk_percent: 66, max_offset_ms: 7 }
monitoring: { thresholds: { temperature_celsius: 61, version_drift: 2h }, time_scale: 0.01 }
`
  const text = generated(undefined, settings).get('rules.yml') ?? ''
  assert.match(text, /disk_usage_percent > 66\n {8}for: 6s/)
  assert.match(text, /abs\(ntp_offset_ms\) > 7\n {8}for: 3s/)
  assert.match(text, /temperature_celsius > 61/)
  assert.match(text, /alert: TimeballVersionDrift[\s\S]*?for: 72s/)
})

test('a device cannot speak for the controller, whose every metric is dropped from its answer', () => {
  const { scrape_configs: jobs } = parse(generated().get('prometheus.yml') ?? '')
  const [{ regex, action }] = jobs[0].metric_relabel_configs
  assert.equal(action, 'drop')
  // Prometheus anchors what it matches.
  const isDropped = (name: string): boolean => new RegExp(`^(?:${regex})$`).test(name)
  const root = join(import.meta.dirname, '../../src/core')
  const texts = ['controller/metrics.ts', 'controller/rollout-metrics.ts', 'clock/metrics.ts'].map(
    (path) => readFileSync(join(root, path), 'utf8'),
  )
  const names = texts.flatMap((text) =>
    [...text.matchAll(/'(timeball_\w+)'/g)].map(([, name = '']) => name),
  )
  assert.ok(names.length > 10)
  for (const name of names) assert.ok(isDropped(name), name)
  for (const name of ['ntp_synced', 'gps_mode', 'timeball_time_server_build_info']) {
    assert.ok(!isDropped(name), name)
  }
})

test('an IPv6 address to listen on has its brackets everywhere', () => {
  const files = generated(undefined, 'monitoring: { alertmanager: { bind: "::1", port: 99 } }\n')
  assert.match(files.get('prometheus.yml') ?? '', /- "?\[::1\]:99"?$/m)
  assert.match(files.get('docker-compose.yml') ?? '', /--web\.listen-address=\[::1\]:99$/m)
})

/** By name, as Prometheus would read them. */
function alertsOf(settings: string): Map<string, Rule> {
  const { groups } = parse(generated(undefined, settings).get('rules.yml') ?? '')
  const rules: readonly Rule[] = groups[0].rules
  return new Map(rules.flatMap((rule) => (rule.alert === undefined ? [] : [[rule.alert, rule]])))
}

interface Rule {
  readonly alert?: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

test('the guide’s four alerts keep their names on request, all others have the prefix', () => {
  const names = [...alertsOf('monitoring: { alert_prefix: My, guide_alert_names: true }\n').keys()]
  assert.deepEqual(
    names.filter((name) => !name.startsWith('My')),
    ['ServiceDown', 'NTPNotSynced', 'HighOffset', 'DiskSpaceHigh'],
  )
  assert.ok([...alertsOf('monitoring: { alert_prefix: "" }\n').keys()].includes('QuorumLost'))
})

test('inhibition and routing go by the names that the alerts have', () => {
  const settings = 'monitoring: { alert_prefix: My, guide_alert_names: true }\n'
  const text = generated(undefined, settings).get('alertmanager.yml') ?? ''
  const known = alertsOf(settings)
  const named = [...text.matchAll(/alertname!?=~?"([^"]+)"/g)].flatMap(([, names = '']) =>
    names.split('|'),
  )
  assert.ok(named.length > 10)
  for (const name of named) assert.ok(known.has(name), name)
})

test('severity, time and labels of an alert are the fleet’s where it says so', () => {
  const rule = alertsOf(
    'monitoring: { alerts: { PpsLost: { severity: critical, for: 2h, labels: { team: rf } } } }\n',
  ).get('TimeballPpsLost')
  assert.deepEqual(rule?.labels, { team: 'rf', severity: 'critical', fleet: 'fleet' })
  assert.equal(rule?.for, '2h')
})

test('a device that is down, and all that follows for itself, is told without waking anybody', () => {
  const wakes = [...alertsOf('')].filter(([, { labels }]) => labels['severity'] === 'critical')
  assert.deepEqual(wakes.map(([name]) => name).toSorted(), [
    'TimeballAlertmanagerDown',
    'TimeballClockOffsetHigh',
    'TimeballControllerDown',
    'TimeballFalseticker',
    'TimeballMostDevicesLost',
    'TimeballNotificationsFailing',
    'TimeballQuorumLost',
    'TimeballRulesFailing',
    'TimeballTargetsMissing',
  ])
})

test('without a controller there is no alert about what only it would write', () => {
  const text = generated(undefined, 'monitoring: { controller: none }\n').get('rules.yml') ?? ''
  const alerts = text.slice(text.indexOf('- alert:'))
  assert.doesNotMatch(alerts, /timeball_(?:clock|quorum|rollout|version|device_drifted)/)
  assert.match(alerts, /alert: TimeballMostDevicesLost/)
})

function linkOf(settings: string): string | undefined {
  return alertsOf(settings).get('TimeballServiceDown')?.annotations['runbook_url']
}

test('runbooks are linked where the fleet says, or at the controller', () => {
  assert.equal(linkOf(''), 'http://127.0.0.1:8080/runbooks/ServiceDown.md')
  assert.equal(
    linkOf('monitoring: { runbooks: "https://git.example.org/runbooks/" }\n'),
    'https://git.example.org/runbooks/ServiceDown.md',
  )
  assert.equal(linkOf('monitoring: { controller: none }\n'), undefined)
})

test('rules of the owner are read beside those that are generated', () => {
  const files = generated(undefined, 'monitoring: { rule_files: [rules/own.yml] }\n')
  assert.deepEqual(parse(files.get('prometheus.yml') ?? '').rule_files, [
    'rules.yml',
    '../rules/own.yml',
  ])
  const { services } = parse(files.get('docker-compose.yml') ?? '')
  assert.ok(
    services.prometheus.volumes.includes('./../rules/own.yml:/timeball/fleet/rules/own.yml:ro'),
  )
})
