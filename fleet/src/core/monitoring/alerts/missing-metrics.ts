/** What has to be there, and whose absence is therefore an alert. */
import type { MonitoredFleet } from '../monitored-fleet.ts'
import { controllerJob, devicesJob, devicesMatcher, type RuleContext } from './alert.ts'

interface Expected {
  readonly metric: string
  /** Series that are there whenever the metric has to be. */
  readonly when: string
  /** Labels by which the two belong together. */
  readonly on: 'device' | 'job'
}

const deviceIsUp = `up{job="${devicesJob}"} == 1`
const controllerIsUp = `up{job="${controllerJob}"} == 1`

/** One series for each metric that is missing, with its name in the label `metric`. */
export function missingMetrics({ fleet }: RuleContext): string {
  return expectedOf(fleet)
    .map(({ metric, when, on }) => {
      const missing = `${when} unless on (${on}) ${metric}`
      return `label_replace(${missing}, "metric", "${metric}", "", "")`
    })
    .join('\nor ')
}

function expectedOf({ devices, settings }: MonitoredFleet): Expected[] {
  const withGps = devices.filter(({ gps }) => gps).map(({ name }) => name)
  const { controller } = settings.monitoring
  return [
    onDevice('ntp_synced'),
    onDevice('disk_usage_percent'),
    // What ntpd says is known only while it is in step; when it is not, that is an alert.
    onDevice('ntp_offset_ms', 'ntp_synced == 1'),
    onDevice('ntp_stratum', 'ntp_synced == 1'),
    onDevice('ntp_root_dispersion_ms', 'ntp_synced == 1'),
    onDevice('leap_file_expiry_seconds'),
    ...(withGps.length === 0
      ? []
      : [onDevice('gps_up', `up{job="${devicesJob}",${devicesMatcher(withGps)}} == 1`)]),
    ...(controller === 'none'
      ? []
      : [onController('timeball_clock_decided'), onController('timeball_quorum_good')]),
  ]
}

function onDevice(metric: string, when = deviceIsUp): Expected {
  return { metric, when, on: 'device' }
}

function onController(metric: string): Expected {
  return { metric, when: controllerIsUp, on: 'job' }
}
