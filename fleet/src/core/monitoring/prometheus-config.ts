/** `prometheus.yml` and `targets.json`. The same files serve Compose and the host's own programs. */
import { formatHostPort } from '@timeball/lib/address.ts'
import { scrapeTargets } from '../controller/targets.ts'
import type { Device } from '../device/device.ts'
import type { MonitoredFleet } from './monitored-fleet.ts'
import { alertmanagerJob, controllerJob, devicesJob, prometheusJob } from './alerts/alert.ts'
import { formatDuration } from '@timeball/lib/duration.ts'
import { yamlFile } from './yaml-file.ts'

/** `pathOf` turns a path of fleet.yaml into one that Prometheus finds. */
export function prometheusText(fleet: MonitoredFleet, pathOf: (path: string) => string): string {
  const { scrape_interval, prometheus, alertmanager, controller, rule_files, remote_write } =
    fleet.settings.monitoring
  const interval = formatDuration(scrape_interval)
  return yamlFile({
    global: {
      scrape_interval: interval,
      // A device that does not answer must not hold up its own next scrape.
      scrape_timeout: formatDuration(Math.min(scrape_interval, 10_000)),
      evaluation_interval: interval,
    },
    rule_files: ['rules.yml', ...rule_files.map(pathOf)],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [listenAddress(alertmanager)] }] }],
    },
    scrape_configs: [
      {
        job_name: devicesJob,
        file_sd_configs: [{ files: ['targets.json'] }],
        ...deviceLimits,
        metric_relabel_configs: [
          { source_labels: ['__name__'], regex: namesOfOthers, action: 'drop' },
        ],
      },
      ...(controller === 'none' ? [] : [controllerScrape(fleet, controller, pathOf)]),
      ownScrape(prometheusJob, prometheus, fleet.name),
      ownScrape(alertmanagerJob, alertmanager, fleet.name),
    ],
    ...(remote_write === undefined
      ? {}
      : {
          remote_write: [
            { url: remote_write.url, ...bearing(remote_write.bearer_token_file, pathOf) },
          ],
        }),
  })
}

/** Every request has the token that the file holds, if there is one. */
function bearing(
  tokenFile: string | undefined,
  pathOf: (path: string) => string,
): Readonly<Record<string, unknown>> {
  if (tokenFile === undefined) return {}
  return { authorization: { credentials_file: pathOf(tokenFile) } }
}

/**
 * What a device or a controller may send is bounded: its output is not trusted. Samples have the
 * time of the one who asked, since a device whose clock is wrong is what is looked for.
 */
const untrusted = { honor_timestamps: false, label_limit: 32 }
const deviceLimits = { ...untrusted, body_size_limit: '4MB', sample_limit: 10_000 }
/** About twenty series for each of its devices, of which there may be ten thousand. */
const controllerLimits = { ...untrusted, body_size_limit: '128MB', sample_limit: 1_000_000 }

/** A device speaks of itself: what the controller or the rules say, it cannot say in their place. */
const namesOfOthers =
  'ALERTS.*|timeball:.*|timeball_(backup|clock|controller|device|downtime|key|quorum|release|rollout|version)_.*'

/** The monitoring watches itself, at the addresses where it listens. */
function ownScrape(job: string, listener: Listener, fleet: string): unknown {
  const static_configs = [{ targets: [listenAddress(listener)], labels: { fleet } }]
  return { job_name: job, static_configs }
}

/** In the controller's series a server is a label; rules and dashboards want `device` and `site`. */
function controllerScrape(
  { name, devices, settings }: MonitoredFleet,
  controller: string,
  pathOf: (path: string) => string,
): unknown {
  return {
    job_name: controllerJob,
    static_configs: [{ targets: [controller], labels: { fleet: name, instance: 'controller' } }],
    ...bearing(settings.monitoring.controller_token_file, pathOf),
    ...controllerLimits,
    metric_relabel_configs: [
      { source_labels: ['server'], regex: '(.+)', target_label: 'device' },
      ...sitesOf(devices).map(([site, names]) => ({
        source_labels: ['device'],
        regex: names.map((each) => each.replaceAll('.', '\\.')).join('|'),
        target_label: 'site',
        replacement: site,
      })),
    ],
  }
}

function sitesOf(devices: readonly Device[]): [site: string, names: string[]][] {
  const sites = new Map<string, string[]>()
  for (const { site, name } of devices) {
    if (site !== null) sites.set(site, [...(sites.get(site) ?? []), name])
  }
  return [...sites]
}

/** One group for each device; `instance` is its name, since addresses change. */
export function targetsText(fleet: MonitoredFleet): string {
  const groups = scrapeTargets(fleet.name, fleet.devices).map(({ targets, labels }, index) => {
    const device = fleet.devices[index]
    const instance =
      device === undefined ? {} : { instance: `${device.name}:${device.metricsPort}` }
    return { targets, labels: { ...labels, ...instance } }
  })
  return `${JSON.stringify(groups, null, 2)}\n`
}

interface Listener {
  readonly bind: string
  readonly port: number
}

export function listenAddress(listener: Listener): string {
  return formatHostPort(listener.bind, listener.port)
}
