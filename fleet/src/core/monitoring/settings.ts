/** `monitoring:` of `fleet.yaml`. */
import { z } from 'zod'
import { durationMs, hostAndPort, ipAddress, portNumber } from '../setting-values.ts'
import { alertNames } from './alert-names.ts'
import { alertOverrides, alertPrefix } from './alert-settings.ts'
import { filePath, receiverSettings, remoteWrite } from './receiver-settings.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

function listener(defaultPort: number, about: string) {
  return z
    .strictObject({
      bind: ipAddress.default('127.0.0.1').describe('Whoever reaches it reads everything.'),
      port: portNumber.default(defaultPort).describe('TCP.'),
    })
    .prefault({})
    .describe(about)
}
const imageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._/:-]*:[A-Za-z0-9._-]+(@sha256:[0-9a-f]{64})?$/, 'name:tag is wanted')

const thresholds = z
  .strictObject({
    measured_offset_ms: z
      .number()
      .positive()
      .default(10)
      .describe('Offset as the controller measures it, beyond the error of the measurement.'),
    root_distance_ms: z
      .number()
      .positive()
      .default(100)
      .describe('Half the round trip to the primary source, and the dispersion.'),
    frequency_step_ppm: z
      .number()
      .positive()
      .default(5)
      .describe('Change of the correction of the clock frequency within an hour.'),
    temperature_celsius: z
      .number()
      .min(30)
      .max(110)
      .default(70)
      .describe('Of the processor; a Pi slows down at 80.'),
    holdover: durationMs(minute, 7 * day)
      .prefault('1h')
      .describe('How long a stratum 1 may go on without a fix.'),
    leap_file: durationMs(day, 365 * day)
      .prefault('28d')
      .describe('How long before it expires the list of leap seconds is to be replaced.'),
    version_drift: durationMs(minute, 30 * day)
      .prefault('1h')
      .describe('How long a device may run another image than the fleet.'),
    configuration_drift: durationMs(minute, 30 * day)
      .prefault('15m')
      .describe('How long a device may differ from what is desired.'),
    key_age: durationMs(day, 3650 * day)
      .prefault('180d')
      .describe('How long a device may have the same key.'),
    backup_age: durationMs(minute, 3650 * day)
      .prefault('2d')
      .describe('How old the last good backup of a device may be.'),
    drill_age: durationMs(minute, 3650 * day)
      .prefault('35d')
      .describe('How long ago a restore of a device may have been rehearsed.'),
  })
  .prefault({})
  .describe('The limits of disk and of the own offset are those of health.')

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 02:00 is wanted')
const maintenance = z
  .strictObject({
    days: z
      .array(z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']))
      .min(1)
      .max(7)
      .optional()
      .describe('Every day when left out.'),
    from: clockTime.describe('Time of day at which it begins.'),
    to: z
      .union([clockTime, z.literal('24:00')], 'a time such as 04:00 is wanted')
      .describe('Time of the same day at which it ends, at most 24:00.'),
    location: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'such as Europe/Berlin')
      .default('UTC')
      .describe('Time zone of these times.'),
  })
  .refine(({ from, to }) => from < to, 'it ends before it begins; make two of it at midnight')

export const monitoringSettings = z
  .strictObject({
    scrape_interval: durationMs(second, 5 * minute)
      .prefault('15s')
      .describe('How often Prometheus asks each device.'),
    retention: durationMs(hour, 3650 * day)
      .prefault('30d')
      .describe('How long Prometheus keeps what it measured.'),
    prometheus: listener(9090, 'Where Prometheus listens.'),
    alertmanager: listener(9093, 'Where Alertmanager listens.'),
    grafana: listener(3001, 'Where Grafana listens.'),
    controller: z
      .union([z.literal('none'), hostAndPort], 'HOST:PORT or none is wanted')
      .default('127.0.0.1:8080')
      .describe('Where timeball serve answers; none: there is no controller.'),
    controller_token_file: filePath
      .optional()
      .describe('What serve --token-file holds there; beyond loopback it wants one.'),
    images: z
      .strictObject({
        prometheus: imageName.default('prom/prometheus:v3.5.0').describe('Of Prometheus.'),
        alertmanager: imageName.default('prom/alertmanager:v0.28.1').describe('Of Alertmanager.'),
        grafana: imageName.default('grafana/grafana:12.1.1').describe('Of Grafana.'),
      })
      .prefault({})
      .describe('Images of the containers, as name:tag.'),
    runbooks: z
      .url({ protocol: /^https?$/, error: 'a URL is wanted' })
      .optional()
      .describe('Folder of the runbooks that alerts point to; else the pages of the controller.'),
    thresholds,
    alert_prefix: alertPrefix,
    guide_alert_names: z
      .boolean()
      .default(false)
      .describe("The fleet guide's four alerts keep their names there, without the prefix."),
    alerts: alertOverrides,
    off: z.array(z.enum(alertNames)).max(100).default([]).describe('Alerts that are left out.'),
    rule_files: z
      .array(filePath)
      .max(100)
      .default([])
      .describe('Rules of your own for Prometheus, relative to fleet.yaml.'),
    receivers: receiverSettings,
    remote_write: remoteWrite
      .optional()
      .describe('A store for the long term that takes what Prometheus measures.'),
    maintenance: z
      .array(maintenance)
      .max(64)
      .default([])
      .describe('When nothing is told but a lost quorum.'),
    time_scale: z
      .number()
      .positive()
      .max(1)
      .default(1)
      .describe('Every duration of rules and routing times this; below 1 in tests and drills.'),
  })
  .superRefine(({ alerts, receivers }, context) => {
    for (const [alert, { receivers: named = [] } = {}] of Object.entries(alerts)) {
      for (const [index, name] of named.entries()) {
        if (receivers[name] !== undefined) continue
        const path = ['alerts', alert, 'receivers', index]
        context.addIssue({ code: 'custom', path, message: `receivers has no ${name}` })
      }
    }
  })
  .prefault({})
  .describe('What timeball monitoring generate makes.')

export type MonitoringSettings = z.output<typeof monitoringSettings>
export type Maintenance = z.output<typeof maintenance>
