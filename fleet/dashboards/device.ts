import { dashboardOf, type Section } from './layout.ts'
import { banded, graph, stat, timeline } from './panels.ts'
import { noneIsBad, ofController, ofDevices, yesIsBad, yesIsGood } from './words.ts'

const now: Section = {
  title: 'Now',
  lines: [
    {
      height: 4,
      panels: [
        stat({
          title: 'In step',
          description: 'Whether its daemon follows a real source.',
          unit: 'short',
          queries: [[`ntp_synced{${ofDevices}}`, 'in step']],
          words: yesIsGood,
          steps: noneIsBad,
        }),
        stat({
          title: 'Stratum',
          description: '1 has a receiver; 16 is not synchronised.',
          unit: 'short',
          queries: [[`ntp_stratum{${ofDevices}}`, 'stratum']],
          steps: ['green', [5, 'orange'], [16, 'red']],
        }),
        stat({
          title: 'How far from UTC it can be',
          description: 'The bound on its error, by its own word.',
          unit: 's',
          decimals: 1,
          queries: [[`ntp_uncertainty_seconds{${ofDevices}}`, 'at most']],
          steps: ['green', [0.1, 'orange'], [0.5, 'red']],
        }),
        stat({
          title: 'Sources',
          description: 'Configured in its daemon.',
          unit: 'short',
          queries: [[`ntp_peers{${ofDevices}}`, 'sources']],
        }),
        stat({
          title: 'Leap second list expires',
          description: 'Without a valid list a leap second comes as a surprise.',
          unit: 's',
          decimals: 0,
          queries: [[`leap_file_expiry_seconds{${ofDevices}}`, 'in']],
          steps: ['red', [0, 'orange'], [2_419_200, 'green']],
        }),
        stat({
          title: 'Runs since',
          description: 'Since the time server began.',
          unit: 's',
          decimals: 0,
          queries: [[`time_server_uptime_seconds{${ofDevices}}`, 'uptime']],
        }),
      ],
    },
  ],
}

const time: Section = {
  title: 'Time',
  lines: [
    {
      height: 8,
      panels: [
        graph(
          {
            title: 'Offset, as measured',
            description:
              'By the controller, to the time of the fleet; the band is the error bound.',
            unit: 's',
            queries: [
              [`timeball_clock_offset_seconds{${ofController}}`, 'offset'],
              [
                `timeball_clock_offset_seconds{${ofController}} + timeball_clock_error_seconds{${ofController}}`,
                'upper',
              ],
              [
                `timeball_clock_offset_seconds{${ofController}} - timeball_clock_error_seconds{${ofController}}`,
                'lower',
              ],
            ],
          },
          banded,
        ),
        graph({
          title: 'Offset and jitter, in its own word',
          description: 'To its own source.',
          unit: 'ms',
          queries: [
            [`ntp_offset_ms{${ofDevices}}`, 'offset'],
            [`ntp_jitter_ms{${ofDevices}}`, 'jitter'],
          ],
        }),
      ],
    },
    {
      height: 8,
      panels: [
        graph({
          title: 'Offset to each source',
          description: 'Sources that disagree are seen here.',
          unit: 'ms',
          queries: [[`ntp_peer_offset_ms{${ofDevices}}`, '{{peer}}']],
        }),
        graph({
          title: 'Way to the primary source',
          description: 'Round trip, and the bound on the error on it.',
          unit: 'ms',
          queries: [
            [`ntp_root_delay_ms{${ofDevices}}`, 'root delay'],
            [`ntp_root_dispersion_ms{${ofDevices}}`, 'root dispersion'],
          ],
        }),
        graph({
          title: 'Frequency',
          description: 'Correction of the clock; it follows the temperature, and steps are odd.',
          unit: 'ppm',
          queries: [[`ntp_frequency_ppm{${ofDevices}}`, 'frequency']],
        }),
      ],
    },
    {
      height: 5,
      panels: [
        timeline({
          title: 'Leap indicator',
          description: 'What it announces to its clients.',
          unit: 'short',
          queries: [[`ntp_leap{${ofDevices}}`, '{{device}}']],
          words: {
            0: ['none', 'green'],
            1: ['a second is inserted', 'blue'],
            2: ['a second is left out', 'blue'],
            3: ['alarm', 'red'],
          },
        }),
        timeline({
          title: 'Up to date, as the controller sees it',
          description: 'Reached over ssh; differs from its desired state; runs another release.',
          unit: 'short',
          queries: [
            [`1 - timeball_device_reachable{${ofController}}`, 'not reached'],
            [`timeball_device_drifted{${ofController}}`, 'drifted'],
            [`timeball_version_drift{${ofController}}`, 'other release'],
          ],
          words: yesIsBad,
        }),
      ],
    },
  ],
}

const host: Section = {
  title: 'Host',
  lines: [
    {
      height: 7,
      panels: [
        graph({
          title: 'Disk',
          description: 'Use of the file system.',
          unit: 'percent',
          min: 0,
          max: 100,
          queries: [[`disk_usage_percent{${ofDevices}}`, 'used']],
          steps: ['green', [80, 'orange'], [90, 'red']],
        }),
        graph({
          title: 'Temperature',
          description: 'Of the processor.',
          unit: 'celsius',
          queries: [[`temperature_celsius{${ofDevices}}`, 'processor']],
          steps: ['green', [70, 'orange'], [80, 'red']],
        }),
        timeline({
          title: 'Under-voltage and throttling',
          description: "The Pi's firmware tells it; power supplies and cards die of it.",
          unit: 'short',
          queries: [[`board_throttled{${ofDevices},when="now"}`, '{{kind}}']],
          words: yesIsBad,
        }),
      ],
    },
    {
      height: 7,
      panels: [
        graph({
          title: 'Requests',
          description: 'Over HTTP, by route and status.',
          unit: 'reqps',
          min: 0,
          queries: [
            [
              `sum by (route, status) (rate(http_request_duration_seconds_count{${ofDevices}}[$__rate_interval]))`,
              '{{route}} {{status}}',
            ],
          ],
        }),
        graph({
          title: 'How long requests take',
          description: 'The 99th percentile.',
          unit: 's',
          min: 0,
          queries: [
            [
              `histogram_quantile(0.99, sum by (le, route) (rate(http_request_duration_seconds_bucket{${ofDevices}}[$__rate_interval])))`,
              '{{route}}',
            ],
          ],
        }),
      ],
    },
  ],
}

export const oneDevice = dashboardOf({
  uid: 'timeball-device',
  title: 'Timeball: device',
  description: 'Everything about one device: its time, its sources, its host.',
  devices: 'one',
  sections: [now, time, host],
})
