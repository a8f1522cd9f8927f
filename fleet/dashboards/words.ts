/** Words, colours and label matchers that the dashboards share. */
import type { Steps, Words } from './panels.ts'

/** Series of devices. */
export const ofDevices = 'fleet=~"$fleet",site=~"$site",role=~"$role",device=~"$device"'
/** Series of the controller about devices. */
export const ofController = 'fleet=~"$fleet",device=~"$device"'
export const ofFleet = 'fleet=~"$fleet"'

export const yesIsGood: Words = { 1: ['yes', 'green'], 0: ['no', 'red'] }
export const yesIsBad: Words = { 1: ['yes', 'orange'], 0: ['no', 'green'] }
export const anyIsBad: Steps = ['green', [1, 'red']]
export const anyIsOdd: Steps = ['green', [1, 'orange']]
export const noneIsBad: Steps = ['red', [1, 'green']]

/** From a cell with a device's name. */
export const toDevice =
  '/d/timeball-device?var-datasource=${datasource}&var-device=${__value.raw}&${__url_time_range}'

/** The controller's verdicts as numbers, and as words. */
export const verdictWords: Words = {
  1: ['truechimer', 'green'],
  2: ['undecidable', 'yellow'],
  3: ['unsynchronised', 'orange'],
  4: ['unreachable', 'purple'],
  5: ['invalid', 'dark-red'],
  6: ['falseticker', 'red'],
}

/** One series for each server: the number of its verdict. */
export function verdictOf(matchers: string): string {
  const terms = Object.entries(verdictWords).map(
    ([number, [verdict]]) => `timeball_clock_verdict{${matchers},verdict="${verdict}"} * ${number}`,
  )
  return `sum by (fleet, server) (${terms.join(' or ')})`
}
