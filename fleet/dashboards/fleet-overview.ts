import { dashboardOf, type Section } from './layout.ts'
import { graph, stat, table, timeline } from './panels.ts'
import {
  anyIsBad,
  anyIsOdd,
  noneIsBad,
  ofController,
  ofDevices,
  ofFleet,
  toDevice,
  yesIsBad,
  yesIsGood,
} from './words.ts'

const now: Section = {
  title: 'Now',
  lines: [
    {
      height: 4,
      panels: [
        stat({
          title: 'Devices in step',
          description: 'Devices whose daemon follows a real source, by their own word.',
          unit: 'short',
          queries: [[`sum(ntp_synced{${ofDevices}})`, 'in step']],
          steps: noneIsBad,
        }),
        stat({
          title: 'Do not answer',
          description: 'Devices whose metrics could not be read.',
          unit: 'short',
          queries: [[`sum(1 - up{${ofDevices}})`, 'do not answer']],
          steps: anyIsBad,
        }),
        stat({
          title: 'Falsetickers',
          description: 'Servers that contradict the majority, as the controller measures them.',
          unit: 'short',
          queries: [[`sum(timeball_clock_falseticker{${ofController}})`, 'falsetickers']],
          steps: anyIsBad,
        }),
        stat({
          title: 'Spare servers',
          description: 'The tightest set: good servers beyond the quorum. Below 0 it is lost.',
          unit: 'short',
          queries: [
            [`min(timeball_quorum_good{${ofFleet}} - timeball_quorum_min{${ofFleet}})`, 'spare'],
          ],
          steps: ['red', [0, 'orange'], [1, 'green']],
        }),
        stat({
          title: 'Drifted',
          description: 'Devices that differ from their desired state.',
          unit: 'short',
          queries: [[`sum(timeball_device_drifted{${ofController}})`, 'drifted']],
          steps: anyIsOdd,
        }),
        stat({
          title: 'Other release',
          description: 'Devices that run another image than the fleet wants.',
          unit: 'short',
          queries: [[`sum(timeball_version_drift{${ofController}})`, 'other release']],
          steps: anyIsOdd,
        }),
        stat({
          title: 'Alerts',
          description: 'Alerts that are firing.',
          unit: 'short',
          queries: [
            [
              `count(ALERTS{alertstate="firing",${ofFleet}}) or 0 * count(up{${ofFleet}})`,
              'firing',
            ],
          ],
          steps: anyIsBad,
        }),
        stat({
          title: 'Last sweep',
          description: 'How long ago the controller measured the clocks.',
          unit: 's',
          decimals: 0,
          queries: [
            [`time() - max(timeball_controller_last_sweep_timestamp_seconds{${ofFleet}})`, 'ago'],
          ],
          steps: ['green', [60, 'orange'], [300, 'red']],
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
        graph({
          title: 'Offset, as measured',
          description: 'To the time that the fleet agrees on, measured by the controller.',
          unit: 's',
          queries: [[`timeball_clock_offset_seconds{${ofController}}`, '{{device}}']],
        }),
        graph(
          {
            title: 'Quorum',
            description: 'Servers of each set that give good time, and how many have to.',
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
      ],
    },
    {
      height: 7,
      panels: [
        timeline({
          title: 'In step',
          description: 'Whether each daemon follows a real source. A gap: nobody answered.',
          unit: 'short',
          queries: [[`ntp_synced{${ofDevices}}`, '{{device}}']],
          words: yesIsGood,
        }),
      ],
    },
  ],
}

const devices: Section = {
  title: 'Devices',
  lines: [
    {
      height: 9,
      panels: [
        table(
          {
            title: 'Devices',
            description: 'The newest values; a name leads to the device.',
            unit: 'short',
            queries: [
              [`min by (device) (up{${ofDevices}})`, 'Answers'],
              [`min by (device) (ntp_synced{${ofDevices}})`, 'In step'],
              [`max by (device) (ntp_stratum{${ofDevices}})`, 'Stratum'],
              [`max by (device) (timeball_clock_offset_seconds{${ofController}})`, 'Offset'],
              [`max by (device) (timeball_clock_error_seconds{${ofController}})`, '± Error'],
              [`max by (device) (timeball_clock_score{${ofController}})`, 'Score'],
              [`max by (device) (disk_usage_percent{${ofDevices}})`, 'Disk'],
              [`max by (device) (timeball_device_drifted{${ofController}})`, 'Drifted'],
              [`max by (device) (timeball_version_drift{${ofController}})`, 'Other release'],
            ],
          },
          {
            by: 'device',
            labels: [],
            link: toDevice,
            columns: {
              Answers: { words: yesIsGood, steps: noneIsBad },
              'In step': { words: yesIsGood, steps: noneIsBad },
              Offset: { unit: 's', decimals: 2 },
              '± Error': { unit: 's', decimals: 2 },
              Score: { decimals: 1, steps: ['red', [10, 'orange'], [15, 'green']] },
              Disk: { unit: 'percent', decimals: 0, steps: ['green', [80, 'orange'], [90, 'red']] },
              Drifted: { words: yesIsBad, steps: anyIsOdd },
              'Other release': { words: yesIsBad, steps: anyIsOdd },
            },
          },
        ),
      ],
    },
  ],
}

export const fleetOverview = dashboardOf({
  uid: 'timeball-fleet',
  title: 'Timeball: fleet',
  description: 'Does the fleet give good time, and what is odd about it?',
  devices: 'all',
  sections: [now, time, devices],
})
