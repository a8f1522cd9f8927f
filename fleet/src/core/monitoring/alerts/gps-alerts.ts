/** Alerts about receivers, pulses and leap seconds. */
import type { Device } from '../../device/device.ts'
import type { AlertName } from '../alert-names.ts'
import { devicesJob, devicesMatcher, type Alert, type RuleContext } from './alert.ts'

const minute = 60_000

/** Seconds without a fix or a pulse after which it counts as lost. */
const lostSeconds = 60

export const gpsAlerts = {
  GpsFixLost: {
    severity: 'warning',
    forMs: minute,
    expr: ({ fleet }) =>
      fleet.devices.some(({ gps }) => gps)
        ? `gps_up == 0 or gps_fix == 0 or gps_mode < 2 or gps_fix_age_seconds > ${lostSeconds}`
        : null,
    summary: 'The receiver of {{ $labels.device }} has no good fix',
    description:
      '{{ $labels.device }} runs on what it knew of its clock, and on other servers if it has any.',
  },
  PpsLost: {
    severity: 'warning',
    forMs: minute,
    // A kernel without a source of pulses has no metric of it either: what is not shown is lost.
    expr: (context) => {
      const matcher = matcherOf(context, ({ pps }) => pps)
      if (matcher === null) return null
      const pulse = `pps_present == 1 and time() - pps_assert_timestamp_seconds < ${lostSeconds}`
      return `up{job="${devicesJob}",${matcher}} == 1 unless on (device) (${pulse})`
    },
    summary: '{{ $labels.device }} gets no pulses',
    description:
      'Without PPS the time of {{ $labels.device }} is that of the serial line: milliseconds, not microseconds.',
  },
  HoldoverTooLong: {
    severity: 'warning',
    forMs: minute,
    expr: ({ fleet, scale }) => {
      if (!fleet.devices.some(({ gps }) => gps)) return null
      const seconds = scale.seconds(fleet.settings.monitoring.thresholds.holdover)
      return `gps_fix_age_seconds > ${seconds} and on (device) ntp_stratum == 1`
    },
    summary:
      '{{ $labels.device }} serves as stratum 1 without a fix for {{ humanizeDuration $value }}',
    description:
      'An oscillator of a Pi drifts 1 ms in ten to twenty minutes. Clients still take {{ $labels.device }} for a primary server.',
  },
  LeapSecondNear: {
    severity: 'warning',
    forMs: 0,
    expr: () => 'ntp_leap == 1 or ntp_leap == 2',
    summary: '{{ $labels.device }} announces a leap second',
    description:
      'At the end of the month in UTC, if all servers agree. Hold updates; look at what those that do not announce it say.',
  },
  LeapFileExpiring: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: ({ fleet }) =>
      `leap_file_expiry_seconds < ${fleet.settings.monitoring.thresholds.leap_file / 1000}`,
    summary: "{{ $labels.device }}'s list of leap seconds has {{ humanizeDuration $value }} left",
    description:
      'It comes with the image: a newer image has a newer list. Less than nothing is expired.',
  },
} as const satisfies Partial<Record<AlertName, Alert>>

function matcherOf({ fleet }: RuleContext, has: (device: Device) => boolean): string | null {
  const names = fleet.devices.filter(has).map(({ name }) => name)
  return names.length === 0 ? null : devicesMatcher(names)
}
