/** The settings of the time server, read once from the environment. Pure: the environment is passed. */
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { readFlag, readNumber, readServers, readText, readWord } from './setting-kinds.ts'
import type { Environment, Reading } from './setting-kinds.ts'
import { readEndpoint, readServiceSettings } from './service-settings.ts'
import type { ServiceSettings } from './service-settings.ts'

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const

/** Every field has a default; see the table in time-server/README.md. */
export interface Settings extends ServiceSettings {
  /** Name of the device, as the fleet knows it. */
  readonly device: string
  /** Sources on the network: host names or addresses. */
  readonly ntpServers: readonly string[]
  readonly hasGps: boolean
  readonly hasPps: boolean
  /** Serial latency of the receiver: what gpsd's NMEA time is late by, in seconds. */
  readonly gpsLatencySeconds: number
  /** Poll intervals of network sources in log2 seconds; `null`: ntpd's own choice. */
  readonly minPoll: number | null
  readonly maxPoll: number | null
  /** Whether an isolated server goes on serving its own clock, at `localStratum`. */
  readonly servesLocalClock: boolean
  readonly localStratum: number
  readonly logLevel: (typeof logLevels)[number]
  readonly bindAddress: string
  readonly httpPort: number
  readonly metricsPort: number
  /** Where the daemon answers control messages. ntpsec's own is always port 123. */
  readonly ntpHost: string
  readonly ntpPort: number
  /** `false`: something else steers the clock, so that ntpd's missing right to do so is no fault. */
  readonly steersClock: boolean
  /** Where ntpd or its supervisor wrote its process id; `null`: nobody did. */
  readonly ntpdPidFile: string | null
  /** The file system whose use is reported. */
  readonly diskPath: string
  /**
   * Whether ntpd takes keys, and asks with them, as the keys' file says. The variable may be a
   * fingerprint of them, so that other keys are another container.
   */
  readonly authenticatesNtp: boolean
  /** Above it the server is reported as degraded. */
  readonly maxOffsetMs: number
}

/**
 * Reads the settings. Empty variables count as absent, as in a compose file's `${NAME:-}`. Fails with
 * all wrong variables at once, one sentence each, which begins with the variable's name.
 */
export function readSettings(environment: Environment): Result<Settings, readonly string[]> {
  const problems: string[] = []
  function take<T>(reading: Reading<T>): T {
    if (reading.problem !== null) problems.push(reading.problem)
    return reading.value
  }
  const number = (name: string, fallback: number, min: number, max: number): number =>
    take(readNumber(environment, { name, fallback, min, max, isWhole: true }))
  const poll = (name: string): number | null =>
    take(readNumber(environment, { name, fallback: null, min: 3, max: 17, isWhole: true }))
  const text = (name: string, fallback: string): string =>
    take(readText(environment, name, fallback))
  const flag = (name: string, fallback: boolean): boolean =>
    take(readFlag(environment, name, fallback))

  const service = readServiceSettings(environment)
  problems.push(...service.problems)
  const ntpd = take(readEndpoint(environment, 'NTPD_ADDRESS', { host: '127.0.0.1', port: 123 }))
  const settings: Settings = {
    ...service.settings,
    device: text('ENVIRONMENT', 'unnamed'),
    ntpServers: take(readServers(environment, 'NTP_SERVERS')),
    hasGps: flag('ENABLE_GPS', false),
    hasPps: flag('ENABLE_PPS', false),
    gpsLatencySeconds: take(
      readNumber(environment, { name: 'GPS_LATENCY_SECONDS', fallback: 0.12, min: -2, max: 2 }),
    ),
    minPoll: poll('NTP_MINPOLL'),
    maxPoll: poll('NTP_MAXPOLL'),
    servesLocalClock: flag('LOCAL_CLOCK', false),
    localStratum: number('LOCAL_STRATUM', 10, 10, 15),
    logLevel: take(readWord(environment, 'LOG_LEVEL', logLevels, 'info')),
    bindAddress: text('BIND_ADDRESS', '0.0.0.0'),
    httpPort: number('HTTP_PORT', number('PORT', 3000, 0, 65_535), 0, 65_535),
    metricsPort: number('METRICS_PORT', 9090, 0, 65_535),
    ntpHost: text('NTP_HOST', ntpd.host),
    ntpPort: number('NTP_PORT', ntpd.port, 1, 65_535),
    steersClock: flag('CLOCK_DISCIPLINE', true),
    ntpdPidFile: text('NTPD_PID_FILE', '') || null,
    diskPath: text('DISK_PATH', '/'),
    authenticatesNtp: text('NTP_AUTHENTICATION', 'no') !== 'no',
    maxOffsetMs: take(readNumber(environment, { name: 'MAX_OFFSET_MS', fallback: 100, min: 0 })),
  }
  problems.push(...contradictions(settings))
  number('PPS_GPIO', 18, 0, 53)
  return problems.length === 0 ? ok(settings) : fail(problems)
}

function contradictions(settings: Settings): string[] {
  const { minPoll, maxPoll, hasGps, hasPps } = settings
  const problems: string[] = []
  if (minPoll !== null && maxPoll !== null && minPoll > maxPoll) {
    problems.push('NTP_MINPOLL must not be above NTP_MAXPOLL')
  }
  if (hasPps && !hasGps) {
    problems.push('ENABLE_PPS needs ENABLE_GPS: a pulse alone does not say which second it begins')
  }
  return problems
}
