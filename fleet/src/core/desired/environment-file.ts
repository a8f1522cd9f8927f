/** `.env` of a device: the guide's names, in a grammar on which all readers of such files agree. */
import type { Device } from '../device/device.ts'
import type { DesiredSettings } from './settings.ts'
import { fingerprintOf } from '../secrets/fingerprint.ts'
import { Secret } from '../secrets/secret.ts'
import type { Content } from './resource.ts'

/** Secrets come in the order in which they are written: API_KEY_1, API_KEY_2, … */
export function environmentFile(
  device: Device,
  settings: DesiredSettings,
  secrets: readonly Secret[],
): Content {
  const values = serverSettings(device, settings, secrets)
  return [
    '# Written by Timeball; changes made here are undone by the next apply.\n',
    ...secrets.flatMap((secret) => [`${secret.name}=`, secret, '\n']),
    values.map(([name, value]) => `${name}=${value}\n`).join(''),
  ]
}

/** What the server is told, name and value; its keys are not among it, but for a fingerprint. */
export function serverSettings(
  device: Device,
  settings: DesiredSettings,
  secrets: readonly Secret[] = [],
): readonly (readonly [string, string])[] {
  return [
    ['NTP_SERVERS', device.ntpServers.join(',')],
    ['ENABLE_GPS', yesNo(device.gps)],
    ['ENABLE_PPS', yesNo(device.pps)],
    ['PPS_GPIO', String(device.ppsGpio)],
    ...latencyOf(device),
    ['LOCAL_STRATUM', String(device.localStratum)],
    ['MAX_OFFSET_MS', String(settings.health.max_offset_ms)],
    ['CLOCK_DISCIPLINE', yesNo(settings.clock.discipline)],
    ...authentication(settings, secrets),
    ['HTTP_PORT', String(device.httpPort)],
    ['METRICS_PORT', String(device.metricsPort)],
    ['NTP_PORT', String(device.ntpPort)],
    ['LOG_LEVEL', 'info'],
    ['RUST_LOG', 'info'],
    ['ENVIRONMENT', device.name],
  ]
}

/** ntpd reads its keys when it starts: other ones are another fingerprint, and so another container. */
function authentication(
  { clock }: DesiredSettings,
  secrets: readonly Secret[],
): readonly (readonly [string, string])[] {
  if (clock.authenticate === 'no') return []
  const keys = secrets.filter(({ name }) => name.startsWith('NTP_'))
  const all = new Secret('NTP', keys.map((key) => key.reveal()).join('\n'))
  return [['NTP_AUTHENTICATION', fingerprintOf(all)]]
}

/** Ansible would write True and False, which the time server does not read. */
function yesNo(flag: boolean): 'yes' | 'no' {
  return flag ? 'yes' : 'no'
}

/** Without one the server takes its own default, and no file changes for it. */
function latencyOf({ gpsLatencySeconds }: Device): readonly (readonly [string, string])[] {
  return gpsLatencySeconds === null ? [] : [['GPS_LATENCY_SECONDS', String(gpsLatencySeconds)]]
}
