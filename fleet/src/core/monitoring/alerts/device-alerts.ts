/** Alerts from what the devices say of themselves. */
import type { AlertName } from '../alert-names.ts'
import { devicesJob, type Alert } from './alert.ts'

const minute = 60_000
const hour = 60 * minute

/** The first four and their limits are the fleet guide's. */
export const deviceAlerts = {
  ServiceDown: {
    severity: 'warning',
    forMs: 2 * minute,
    // What else is wrong with it is still kept back when it answers again: it needs time to settle.
    keepFiringMs: 5 * minute,
    expr: () => `up{job="${devicesJob}"} == 0`,
    summary: '{{ $labels.device }} is down',
    description:
      'Nothing answers on the metrics port of {{ $labels.instance }}: the device, its network or the container is down.',
  },
  NTPNotSynced: {
    severity: 'warning',
    forMs: 5 * minute,
    expr: () => 'ntp_synced == 0',
    summary: '{{ $labels.device }} is not synchronised',
    description:
      'ntpd of {{ $labels.device }} follows no real source. Its clients have to get the time elsewhere.',
  },
  HighOffset: {
    severity: 'warning',
    forMs: 5 * minute,
    expr: ({ fleet }) => `abs(ntp_offset_ms) > ${fleet.settings.health.max_offset_ms}`,
    summary: '{{ $labels.device }} is {{ printf "%.1f" $value }} ms off its source',
    description:
      'In its own word the clock of {{ $labels.device }} is far from the source that it follows.',
  },
  DiskSpaceHigh: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: ({ fleet }) => `disk_usage_percent > ${fleet.settings.health.disk_percent}`,
    summary: 'The disk of {{ $labels.device }} is {{ printf "%.0f" $value }} % full',
    description:
      'A full disk keeps {{ $labels.device }} from being updated, and ntpd from saving its drift.',
  },
  StratumChanged: {
    severity: 'warning',
    forMs: 5 * minute,
    // 16 is not synchronised, which is an alert of its own.
    expr: ({ scale }) =>
      `ntp_stratum < 16 and ntp_stratum != quantile_over_time(0.5, ntp_stratum[${scale.window(24 * hour)}])`,
    summary: '{{ $labels.device }} has stratum {{ $value }} now',
    description:
      'For most of the last day it was another one: {{ $labels.device }} gets its time from elsewhere than usual.',
  },
  RootDistanceHigh: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: ({ fleet }) =>
      `timeball:root_distance_ms > ${fleet.settings.monitoring.thresholds.root_distance_ms}`,
    summary: '{{ $labels.device }} may be {{ printf "%.0f" $value }} ms wrong',
    description:
      'Half the round trip to the primary source and the dispersion add up to so much (RFC 5905, root distance). At 1500 ms clients drop it.',
  },
  FrequencyStep: {
    severity: 'warning',
    forMs: 0,
    expr: ({ fleet }) =>
      `timeball:frequency_range_ppm > ${fleet.settings.monitoring.thresholds.frequency_step_ppm}`,
    summary:
      '{{ $labels.device }}\'s clock runs {{ printf "%.1f" $value }} ppm differently within an hour',
    description:
      'The correction of the frequency moved: a change of temperature, of the source, or of the oscillator of {{ $labels.device }}.',
  },
  FrequencyNearLimit: {
    severity: 'warning',
    forMs: 5 * minute,
    // ntpd corrects 500 ppm at most (RFC 5905, NTP_MAXFREQ): beyond, the clock cannot be disciplined.
    expr: () => 'abs(ntp_frequency_ppm) > 400',
    summary: '{{ $labels.device }}\'s clock needs a correction of {{ printf "%.0f" $value }} ppm',
    description: 'ntpd can correct 500 ppm at most. Beyond that {{ $labels.device }} drifts away.',
  },
  ClockNotDisciplined: {
    severity: 'warning',
    forMs: 5 * minute,
    // A fleet that leaves its clocks to somebody else has it so on purpose.
    expr: ({ fleet }) =>
      fleet.settings.clock.discipline ? 'time_server_clock_disciplined == 0' : null,
    summary: 'Nothing steers the clock of {{ $labels.device }}',
    description:
      'ntpd has no right to set the clock (CAP_SYS_TIME): it looks synchronised while the clock runs free.',
  },
  NTPContradiction: {
    severity: 'warning',
    forMs: 5 * minute,
    expr: () => 'ntp_contradiction == 1',
    summary: 'ntpd of {{ $labels.device }} contradicts itself about {{ $labels.kind }}',
    description:
      'Two of its figures cannot both be true, so none of them is a ground to trust {{ $labels.device }}.',
  },
  TemperatureHigh: {
    severity: 'warning',
    forMs: 10 * minute,
    expr: ({ fleet }) =>
      `temperature_celsius > ${fleet.settings.monitoring.thresholds.temperature_celsius}`,
    summary: '{{ $labels.device }} is at {{ printf "%.0f" $value }} °C',
    description: 'At 80 °C a Pi slows down, and every degree moves its oscillator by about 1 ppm.',
  },
  UnderVoltage: {
    severity: 'warning',
    forMs: minute,
    expr: () => 'board_throttled{kind="under_voltage",when="now"} == 1',
    summary: '{{ $labels.device }} has too little voltage',
    description:
      'The supply of {{ $labels.device }} is below 4.63 V: expect resets and a damaged card.',
  },
} as const satisfies Partial<Record<AlertName, Alert>>
