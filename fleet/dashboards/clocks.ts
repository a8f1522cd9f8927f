import { dashboardOf, repeated, type Section } from './layout.ts'
import { banded, graph, stat, timeline } from './panels.ts'
import { anyIsBad, noneIsBad, ofController, ofFleet, verdictOf, verdictWords } from './words.ts'

const truth: Section = {
  title: 'Truth',
  lines: [
    {
      height: 4,
      panels: [
        stat({
          title: 'A majority agrees',
          description: 'Otherwise nobody can be accused, and nobody is proved right.',
          unit: 'short',
          queries: [[`min(timeball_clock_decided{${ofFleet}})`, 'decided']],
          words: { 1: ['yes', 'green'], 0: ['no', 'orange'] },
          steps: ['orange', [1, 'green']],
        }),
        stat({
          title: 'Truechimers',
          description: 'Servers whose interval holds the time that most independent votes share.',
          unit: 'short',
          queries: [
            [`sum(timeball_clock_verdict{${ofController},verdict="truechimer"})`, 'truechimers'],
          ],
          steps: noneIsBad,
        }),
        stat({
          title: 'Falsetickers',
          description: 'Servers whose time cannot be true, given the others.',
          unit: 'short',
          queries: [[`sum(timeball_clock_falseticker{${ofController}})`, 'falsetickers']],
          steps: anyIsBad,
        }),
        stat({
          title: "The controller's own clock",
          description: 'To the time of the fleet. It only measures: its offset harms nobody.',
          unit: 's',
          decimals: 2,
          queries: [[`timeball_clock_controller_offset_seconds{${ofFleet}}`, 'offset']],
        }),
      ],
    },
    {
      height: 9,
      panels: [
        timeline({
          title: 'Verdicts',
          description: 'What each sweep says about each server.',
          unit: 'short',
          queries: [[verdictOf(ofController), '{{server}}']],
          words: verdictWords,
        }),
      ],
    },
  ],
}

const offset = `timeball_clock_offset_seconds{${ofController}}`
const error = `timeball_clock_error_seconds{${ofController}}`

const offsets: Section = {
  title: 'Offsets',
  lines: [
    {
      height: 10,
      panels: [
        graph({
          title: 'All servers',
          description: 'To the time that the fleet agrees on.',
          unit: 's',
          queries: [[offset, '{{server}}']],
        }),
      ],
    },
    {
      height: 7,
      panels: [
        repeated(
          graph(
            {
              title: '$device',
              description: 'The true offset is within the band.',
              unit: 's',
              queries: [
                [offset, 'offset'],
                [`${offset} + ${error}`, 'upper'],
                [`${offset} - ${error}`, 'lower'],
              ],
            },
            banded,
          ),
          3,
        ),
      ],
    },
    {
      height: 7,
      panels: [
        graph({
          title: 'Servers outside of the fleet',
          description: 'References of fleet.yaml, to the time that the fleet agrees on.',
          unit: 's',
          queries: [
            [
              `timeball_clock_offset_seconds{${ofFleet}} unless on (fleet, device) timeball_device_reachable{${ofFleet}}`,
              '{{server}}',
            ],
          ],
        }),
        graph({
          title: 'Error of the measurement',
          description: 'How wide the bands are: half the way to the server, and what it admits.',
          unit: 's',
          min: 0,
          queries: [[error, '{{server}}']],
        }),
        graph({
          title: 'Round trip',
          description: 'Of the best sample of each sweep.',
          unit: 's',
          min: 0,
          queries: [[`timeball_clock_delay_seconds{${ofController}}`, '{{server}}']],
        }),
      ],
    },
  ],
}

const record: Section = {
  title: 'Record',
  lines: [
    {
      height: 7,
      panels: [
        graph({
          title: 'Score',
          description: "In the way of the NTP Pool's monitor: 20 is perfect, below 10 is poor.",
          unit: 'short',
          max: 20,
          queries: [[`timeball_clock_score{${ofController}}`, '{{server}}']],
          steps: ['red', [10, 'green']],
        }),
        graph({
          title: 'Error budget that is left',
          description: 'Of the objective in fleet.yaml (clock.slo). Below 0 it is missed.',
          unit: 'percentunit',
          max: 1,
          queries: [[`timeball_clock_slo_budget_left_ratio{${ofController}}`, '{{server}}']],
          steps: ['red', [0, 'green']],
        }),
        graph({
          title: 'Stratum',
          description: 'As each server claims.',
          unit: 'short',
          decimals: 0,
          min: 0,
          queries: [[`timeball_clock_stratum{${ofController}}`, '{{server}}']],
        }),
      ],
    },
  ],
}

export const clocks = dashboardOf({
  uid: 'timeball-clocks',
  title: 'Timeball: clocks',
  description: 'Which clocks are right, how far off they are, and how sure that is.',
  devices: 'all',
  sections: [truth, offsets, record],
})
