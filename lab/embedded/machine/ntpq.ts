/** `ntpq -p -n` of a simulated ntpd. */
import { pollExponent, type ClockState } from '../ntpd/clock-state.ts'

const tallies = [' ', 'x', '.', '-', '+', '#', '*', 'o'] as const

export function ntpqPeers(state: ClockState): string {
  const rows = state.sources.map((source) => {
    const reference = source.address.startsWith('127.127.')
    return [
      `${tallies[source.selection]}${(reference ? source.name : source.address).padEnd(39)}`,
      (reference ? `.${source.refid}.` : source.refid).padEnd(16),
      String(source.stratum).padStart(2),
      reference ? 'l' : 'u',
      '-'.padStart(4),
      String(2 ** pollExponent).padStart(4),
      source.reach.toString(8).padStart(5),
      source.delayMs.toFixed(4).padStart(8),
      source.offsetMs.toFixed(4).padStart(9),
      source.jitterMs.toFixed(4).padStart(8),
    ].join(' ')
  })
  const heading =
    '     remote                                   refid      st t when poll reach   delay   offset   jitter'
  return [heading, '='.repeat(heading.length), ...rows].map((row) => `${row}\n`).join('')
}
