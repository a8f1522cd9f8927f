/** The metrics of receiver, board and leap second list. Pure. What is not known is absent. */
import type { Metric } from '@timeball/lib/exposition.ts'
import type { GpsStatus } from './gps/gps-status.ts'
import type { Board, Throttling } from './host/board.ts'
import type { LeapList } from './time/leap-list.ts'

export function gpsMetrics(gps: GpsStatus): Metric[] {
  if (gps.state === 'disabled') return []
  const isUnknown = gps.state === 'unknown'
  return [
    gauge('gps_up', '1 when gpsd tells of a receiver', isUnknown ? 0 : 1),
    gauge(
      'gps_fix',
      '1 with a fix that can be believed',
      isUnknown ? null : Number(gps.state === 'fix'),
    ),
    gauge('gps_receivers', 'Receivers that gpsd has', isUnknown ? null : gps.receivers.length),
    gauge('gps_mode', 'Fix: 1 none, 2 two-, 3 three-dimensional', gps.mode),
    gauge('gps_satellites_used', 'Satellites in the fix', gps.satellitesUsed),
    gauge('gps_satellites_seen', 'Satellites in view', gps.satellitesSeen),
    gauge('gps_signal_dbhz', 'Mean signal of the satellites in use', gps.meanSignalDbHz),
    {
      name: 'gps_dop',
      help: 'Dilution of precision',
      samples: Object.entries(gps.dop).flatMap(([kind, value]) =>
        value === null ? [] : [{ labels: { kind }, value }],
      ),
    },
    gauge('gps_fix_age_seconds', 'Since the last report with a fix', gps.fixAgeSeconds),
    gauge('gps_pps_offset_seconds', 'Clock minus pulse', offsetOf(gps.pulse)),
    gauge('gps_serial_offset_seconds', 'Clock minus serial time', offsetOf(gps.serial)),
  ]
}

function offsetOf(pulse: GpsStatus['pulse']): number | null {
  return pulse === null ? null : pulse.offsetNs / 1e9
}

export function boardMetrics(board: Board): Metric[] {
  const hasPps = board.hasPps === null ? null : Number(board.hasPps)
  return [
    gauge('pps_present', '1 when the kernel has a source of pulses', hasPps),
    gauge('pps_assert_timestamp_seconds', 'Of the latest pulse', board.ppsAssertSeconds),
    gauge('temperature_celsius', 'Of the processor', board.temperatureCelsius),
    throttleMetric(board.throttling),
  ]
}

const throttleLabels = {
  underVoltage: ['under_voltage', 'now'],
  frequencyCapped: ['frequency_capped', 'now'],
  throttled: ['throttled', 'now'],
  softTemperatureLimit: ['soft_temperature_limit', 'now'],
  underVoltageSeen: ['under_voltage', 'since_boot'],
  frequencyCappedSeen: ['frequency_capped', 'since_boot'],
  throttledSeen: ['throttled', 'since_boot'],
  softTemperatureLimitSeen: ['soft_temperature_limit', 'since_boot'],
} as const satisfies Record<keyof Throttling, readonly [string, string]>

function throttleMetric(throttling: Throttling | null): Metric {
  const samples =
    throttling === null
      ? []
      : Object.entries(throttling).flatMap(([key, isSet]) => {
          const labels = Object.entries(throttleLabels).find(([name]) => name === key)?.[1]
          if (labels === undefined) return []
          return [{ labels: { kind: labels[0], when: labels[1] }, value: Number(isSet) }]
        })
  return { name: 'board_throttled', help: "Flags of the Pi's firmware", samples }
}

/** Negative when the list has expired. */
export function leapMetrics(list: LeapList | null, nowSeconds: number): Metric[] {
  const left = list === null ? null : Math.floor(list.expiresAtSeconds - nowSeconds)
  return [gauge('leap_file_expiry_seconds', 'Until the list of leap seconds expires', left)]
}

/** `uncertaintyMs`: how far from UTC this clock can be. */
export function uncertaintyMetric(uncertaintyMs: number | null): Metric {
  const seconds = uncertaintyMs === null ? null : uncertaintyMs / 1000
  return gauge('ntp_uncertainty_seconds', 'How far from UTC the clock can be', seconds)
}

function gauge(name: string, help: string, value: number | null): Metric {
  return { name, help, samples: value === null ? [] : [{ labels: {}, value }] }
}
