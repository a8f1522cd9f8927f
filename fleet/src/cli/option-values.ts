/** Readers of option values: what is wrong with one is a usage error with these words. */
import { formatDuration, parseDurationMs } from '@timeball/lib/duration.ts'
import { InvalidArgumentError } from 'commander'

/** Seconds between two bounds. */
export function secondsFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isFinite(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It is a number of seconds from ${least} to ${most}.`)
  }
}

/** A whole number between two bounds. */
export function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`)
  }
}

/** A duration such as `5m` between two bounds; all in milliseconds. */
export function durationFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = parseDurationMs(text)
    if (value !== null && value >= least && value <= most) return value
    const range = `from ${formatDuration(least)} to ${formatDuration(most)}`
    throw new InvalidArgumentError(`It is a time such as 5m, ${range}.`)
  }
}
