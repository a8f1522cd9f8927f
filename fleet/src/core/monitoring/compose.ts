/**
 * `docker-compose.yml` of the monitoring. All on the host's network: then addresses mean the same
 * as for programs of the host, and loopback is loopback.
 */
import type { MonitoredFleet } from './monitored-fleet.ts'
import { listenAddress } from './prometheus-config.ts'
import { receiverSecrets } from './receivers.ts'
import type { MonitoringSettings } from './settings.ts'
import { formatDuration } from '@timeball/lib/duration.ts'
import { yamlFile } from './yaml-file.ts'

/** Where the generated folder is in the containers; two levels deep, so that `..` stays inside. */
export const containerFolder = '/timeball/fleet/monitoring'
export const adminPasswordFile = 'grafana-admin-password'

/** `secretPath` gives paths relative to the generated folder, or absolute ones. */
export function composeText(fleet: MonitoredFleet, secretPath: (path: string) => string): string {
  const { monitoring } = fleet.settings
  const secrets = (paths: readonly string[]): string[] =>
    paths
      .map(secretPath)
      .map((path) => `${path.startsWith('/') ? '' : './'}${path}:${inside(path)}:ro`)
  return yamlFile({
    name: `timeball-monitoring-${fleet.name.toLowerCase()}`,
    services: {
      prometheus: {
        ...service(monitoring.images.prometheus),
        command: prometheusArguments(fleet),
        healthcheck: healthcheck(`http://${listenAddress(monitoring.prometheus)}/-/ready`),
        volumes: [
          mount('prometheus.yml'),
          mount('rules.yml'),
          mount('targets.json'),
          ...secrets([...prometheusSecrets(monitoring), ...monitoring.rule_files]),
          data('prometheus'),
        ],
      },
      alertmanager: {
        ...service(monitoring.images.alertmanager),
        command: alertmanagerArguments(fleet),
        healthcheck: healthcheck(`http://${listenAddress(monitoring.alertmanager)}/-/ready`),
        volumes: [
          mount('alertmanager.yml'),
          ...secrets(receiverSecrets(monitoring.receivers)),
          data('alertmanager'),
        ],
      },
      grafana: grafanaService(fleet),
    },
  })
}

/** Files that have to be there before anything starts, as fleet.yaml names them. */
export function secretFilesOf(monitoring: MonitoringSettings): string[] {
  return [...prometheusSecrets(monitoring), ...receiverSecrets(monitoring.receivers)]
}

function prometheusSecrets({ remote_write, controller_token_file }: MonitoringSettings): string[] {
  const files = [controller_token_file, remote_write?.bearer_token_file]
  return files.filter((path) => path !== undefined)
}

/** Shared by all: nothing to write but the data, no rights, and the operator's own user. */
function service(image: string): Readonly<Record<string, unknown>> {
  return {
    image,
    user: '${TIMEBALL_USER:?start it with timeball monitoring up}',
    network_mode: 'host',
    working_dir: containerFolder,
    restart: 'unless-stopped',
    read_only: true,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
  }
}

function grafanaService({ settings: { monitoring } }: MonitoredFleet): unknown {
  const { grafana, images } = monitoring
  return {
    ...service(images.grafana),
    environment: {
      GF_SERVER_HTTP_ADDR: grafana.bind,
      GF_SERVER_HTTP_PORT: `${grafana.port}`,
      GF_SECURITY_ADMIN_PASSWORD__FILE: `${containerFolder}/${adminPasswordFile}`,
      GF_PATHS_PROVISIONING: `${containerFolder}/grafana/provisioning`,
      GF_USERS_ALLOW_SIGN_UP: 'false',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    },
    healthcheck: healthcheck(`http://${listenAddress(grafana)}/api/health`),
    volumes: [mount('grafana'), mount(adminPasswordFile), `./data/grafana:/var/lib/grafana`],
  }
}

/** Also what the host's own programs are started with, in the generated folder. */
export function prometheusArguments({ settings: { monitoring } }: MonitoredFleet): string[] {
  return [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data/prometheus',
    `--storage.tsdb.retention.time=${formatDuration(monitoring.retention)}`,
    `--web.listen-address=${listenAddress(monitoring.prometheus)}`,
  ]
}

/** Without gossip: one Alertmanager needs no peers, and no port for them. */
export function alertmanagerArguments({ settings: { monitoring } }: MonitoredFleet): string[] {
  return [
    '--config.file=alertmanager.yml',
    '--storage.path=data/alertmanager',
    `--web.listen-address=${listenAddress(monitoring.alertmanager)}`,
    '--cluster.listen-address=',
  ]
}

function healthcheck(url: string): unknown {
  const test = ['CMD', 'wget', '-q', '-O', '/dev/null', url]
  return { test, interval: '30s', timeout: '5s', retries: 3, start_period: '30s' }
}

function mount(path: string): string {
  return `./${path}:${containerFolder}/${path}:ro`
}

function data(name: string): string {
  return `./data/${name}:${containerFolder}/data/${name}`
}

/** Where a path that is relative to the generated folder is in the container. */
function inside(path: string): string {
  if (path.startsWith('/')) return path
  const steps: string[] = containerFolder.split('/').slice(1)
  for (const step of path.split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '.' && step !== '') steps.push(step)
  }
  return `/${steps.join('/')}`
}
