import { dashboardOf, type Section } from './layout.ts'
import { graph, stacked, stat, table, timeline } from './panels.ts'
import {
  anyIsBad,
  anyIsOdd,
  ofController,
  ofDevices,
  ofFleet,
  toDevice,
  yesIsBad,
} from './words.ts'

const states = {
  1: ['running', 'blue'],
  2: ['paused', 'yellow'],
  3: ['rolling back', 'orange'],
  4: ['done', 'green'],
  5: ['rolled back', 'purple'],
  6: ['aborted', 'dark-red'],
  7: ['needs attention', 'red'],
} as const

/** The number of the state that is 1. */
const state = Object.entries(states)
  .map(([number, [name]]) => {
    const label = name.replaceAll(' ', '_')
    return `timeball_rollout_state{${ofFleet},state="${label}"} * ${number}`
  })
  .join(' or ')

const newest: Section = {
  title: 'Newest rollout',
  lines: [
    {
      height: 4,
      panels: [
        stat({
          title: 'State',
          description: 'Of the newest rollout; nothing is known where there was none.',
          unit: 'short',
          queries: [[`sum by (fleet) (${state})`, '{{fleet}}']],
          words: states,
        }),
        stat({
          title: 'Last progress',
          description: 'How long ago a device or a wave got further.',
          unit: 's',
          decimals: 0,
          queries: [
            [`time() - timeball_rollout_last_progress_timestamp_seconds{${ofFleet}}`, 'ago'],
          ],
        }),
        stat({
          title: 'Stuck devices',
          description: 'Neither on the old release nor on the new one for certain.',
          unit: 'short',
          queries: [[`sum(timeball_rollout_devices{${ofFleet},state=~"stuck|lost"})`, 'stuck']],
          steps: anyIsBad,
        }),
        stat({
          title: 'Blocked releases',
          description: 'They were rolled back, and nothing applies them again by itself.',
          unit: 'short',
          queries: [[`timeball_release_blocked{${ofFleet}}`, 'blocked']],
          steps: anyIsOdd,
        }),
      ],
    },
    {
      height: 8,
      panels: [
        timeline({
          title: 'State over time',
          description: 'Of whatever rollout was the newest.',
          unit: 'short',
          queries: [[`sum by (fleet) (${state})`, '{{fleet}}']],
          words: states,
        }),
        graph(
          {
            title: 'Devices by state',
            description: 'How the devices of the rollout get on.',
            unit: 'short',
            min: 0,
            decimals: 0,
            queries: [[`timeball_rollout_devices{${ofFleet}} > 0`, '{{state}}']],
          },
          stacked,
        ),
      ],
    },
    {
      height: 8,
      panels: [
        graph(
          {
            title: 'Quorum meanwhile',
            description: 'Good servers of each set, and how many have to stay.',
            unit: 'short',
            min: 0,
            decimals: 0,
            queries: [
              [`timeball_quorum_good{${ofFleet}}`, '{{set}} good'],
              [`timeball_quorum_min{${ofFleet}}`, '{{set}} needed'],
            ],
          },
          (builder) =>
            builder.overrideByRegexp('.* needed', [
              { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
            ]),
        ),
        graph({
          title: 'Downtime',
          description: 'Longest time without a good answer, when each device was changed last.',
          unit: 's',
          min: 0,
          queries: [[`timeball_downtime_seconds{${ofController}}`, '{{device}}']],
        }),
      ],
    },
  ],
}

const versions: Section = {
  title: 'What runs',
  lines: [
    {
      height: 8,
      panels: [
        graph(
          {
            title: 'Devices by version',
            description: 'As the time servers say.',
            unit: 'short',
            min: 0,
            decimals: 0,
            queries: [
              [`count by (version) (timeball_time_server_build_info{${ofDevices}})`, '{{version}}'],
            ],
          },
          stacked,
        ),
        timeline({
          title: 'Other release than wanted',
          description: 'Devices that do not run the image of fleet.yaml.',
          unit: 'short',
          queries: [[`timeball_version_drift{${ofController}}`, '{{device}}']],
          words: yesIsBad,
        }),
      ],
    },
    {
      height: 8,
      panels: [
        table(
          {
            title: 'Images',
            description: 'What the container of each device runs, by digest.',
            unit: 'short',
            queries: [
              [`max by (device, image) (timeball_device_image_info{${ofController}})`, 'Runs'],
              [`max by (device) (timeball_device_drifted{${ofController}})`, 'Drifted'],
              [`max by (device) (timeball_version_drift{${ofController}})`, 'Other release'],
            ],
          },
          {
            by: 'device',
            labels: ['image'],
            link: toDevice,
            columns: {
              Runs: { words: { 1: ['yes', 'green'] } },
              Drifted: { words: yesIsBad, steps: anyIsOdd },
              'Other release': { words: yesIsBad, steps: anyIsOdd },
            },
          },
        ),
      ],
    },
  ],
}

export const rollouts = dashboardOf({
  uid: 'timeball-rollouts',
  title: 'Timeball: rollouts',
  description:
    'Where the newest rollout is, what it does to the quorum, and which device runs what.',
  devices: 'all',
  sections: [newest, versions],
})
