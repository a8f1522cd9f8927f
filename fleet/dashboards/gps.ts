import { dashboardOf, type Section } from './layout.ts'
import { graph, stat, timeline } from './panels.ts'
import { anyIsBad, ofDevices } from './words.ts'

const now: Section = {
  title: 'Now',
  lines: [
    {
      height: 4,
      panels: [
        stat({
          title: 'Receivers',
          description: 'Of which gpsd tells.',
          unit: 'short',
          queries: [[`sum(gps_up{${ofDevices}})`, 'receivers']],
          steps: ['red', [1, 'green']],
        }),
        stat({
          title: 'Without a fix',
          description: 'They see too few satellites.',
          unit: 'short',
          queries: [[`sum(gps_mode{${ofDevices}} < bool 2)`, 'without a fix']],
          steps: anyIsBad,
        }),
        stat({
          title: 'Fewest satellites',
          description: 'In a fix; four are needed.',
          unit: 'short',
          queries: [[`min(gps_satellites_used{${ofDevices}})`, 'satellites']],
          steps: ['red', [4, 'orange'], [6, 'green']],
        }),
        stat({
          title: 'Longest holdover',
          description: 'Since a stratum 1 last heard of its receiver.',
          unit: 's',
          decimals: 0,
          queries: [
            [`max(ntp_reference_age_seconds{${ofDevices}} and on (device) gps_up)`, 'since'],
          ],
          steps: ['green', [300, 'orange'], [3600, 'red']],
        }),
      ],
    },
  ],
}

const reception: Section = {
  title: 'Reception',
  lines: [
    {
      height: 6,
      panels: [
        timeline({
          title: 'Fix',
          description: 'A gap: gpsd says nothing.',
          unit: 'short',
          queries: [[`gps_mode{${ofDevices}}`, '{{device}}']],
          words: {
            0: ['none', 'red'],
            1: ['none', 'red'],
            2: ['2D', 'yellow'],
            3: ['3D', 'green'],
          },
        }),
      ],
    },
    {
      height: 8,
      panels: [
        graph({
          title: 'Satellites',
          description: 'In the fix, and in view.',
          unit: 'short',
          min: 0,
          decimals: 0,
          queries: [
            [`gps_satellites_used{${ofDevices}}`, '{{device}} used'],
            [`gps_satellites_seen{${ofDevices}}`, '{{device}} seen'],
          ],
        }),
        graph({
          title: 'Signal',
          description: 'Mean of the satellites in use. A sudden rise of all can be a spoofer.',
          unit: 'dB',
          queries: [[`gps_signal_dbhz{${ofDevices}}`, '{{device}}']],
        }),
        graph({
          title: 'Dilution of precision',
          description: 'How badly the satellites stand: below 2 is good.',
          unit: 'short',
          min: 0,
          queries: [[`gps_dop{${ofDevices}}`, '{{device}} {{kind}}']],
        }),
      ],
    },
    {
      height: 7,
      panels: [
        graph({
          title: 'Age of the fix',
          description: 'Since the last report with a fix.',
          unit: 's',
          min: 0,
          queries: [[`gps_fix_age_seconds{${ofDevices}}`, '{{device}}']],
        }),
      ],
    },
  ],
}

const pulse: Section = {
  title: 'Pulse',
  lines: [
    {
      height: 8,
      panels: [
        graph({
          title: 'Clock to pulse',
          description: 'Positive: the clock is ahead of the pulse.',
          unit: 's',
          queries: [[`gps_pps_offset_seconds{${ofDevices}}`, '{{device}}']],
        }),
        graph({
          title: 'Clock to serial time',
          description: 'The sentences come late, and not always equally so.',
          unit: 's',
          queries: [[`gps_serial_offset_seconds{${ofDevices}}`, '{{device}}']],
        }),
      ],
    },
    {
      height: 6,
      panels: [
        timeline({
          title: 'Kernel has a source of pulses',
          description: 'Whether /dev/pps0 is there.',
          unit: 'short',
          queries: [[`pps_present{${ofDevices}}`, '{{device}}']],
          words: { 1: ['yes', 'green'], 0: ['no', 'orange'] },
        }),
        graph({
          title: 'Age of the latest pulse',
          description: 'More than a second or two: the pulse is lost.',
          unit: 's',
          min: 0,
          queries: [[`time() - pps_assert_timestamp_seconds{${ofDevices}}`, '{{device}}']],
        }),
      ],
    },
  ],
}

export const gps = dashboardOf({
  uid: 'timeball-gps',
  title: 'Timeball: GPS',
  description: 'Receivers: do they see enough of the sky, and does the pulse come?',
  devices: 'all',
  sections: [now, reception, pulse],
})
