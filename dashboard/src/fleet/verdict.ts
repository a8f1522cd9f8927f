/** What is said of a device, and of the fleet in one sentence. Pure: nothing is decided here. */
import type { Clock, Device, Fleet } from '../api.ts'

/** From the worst to the best. `unknown`: nothing was learnt yet. */
export const levels = ['bad', 'warn', 'unknown', 'good'] as const
export type Level = (typeof levels)[number]

export interface Verdict {
  readonly level: Level
  readonly word: string
  /** Why, in a few words; empty: there is nothing to say. */
  readonly why: string
}

/** The controller's own words on it: its clock, whether it was reached, what differs. */
export function verdictOf(device: Device): Verdict {
  const { clock, good_time: good } = device
  if (good === null) return { level: 'unknown', word: 'not swept', why: 'no sweep has ended yet' }
  if (!good) return { level: 'bad', word: wordOf(clock), why: whyOf(clock) }
  if (device.reachable === false) {
    return { level: 'warn', word: 'good time', why: 'not reached over ssh' }
  }
  if (device.outdated === true) return { level: 'warn', word: 'good time', why: 'another release' }
  if ((device.drift?.length ?? 0) > 0) {
    return { level: 'warn', word: 'good time', why: `drift: ${device.drift?.join(', ') ?? ''}` }
  }
  return { level: 'good', word: 'good time', why: '' }
}

function wordOf(clock: Clock | null): string {
  return clock === null ? 'not known' : clock.verdict
}

function whyOf(clock: Clock | null): string {
  if (clock === null) return 'it is not among the servers of the sweep'
  return clock.faults.map(({ text }) => text).join('; ')
}

/** Worst first, then by name. */
export function worstFirst(devices: readonly Device[]): readonly Device[] {
  return devices.toSorted((one, other) => {
    const order = rankOf(one) - rankOf(other)
    return order === 0 ? compare(one.device, other.device) : order
  })
}

function rankOf(device: Device): number {
  return levels.indexOf(verdictOf(device).level)
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

export interface Sentence {
  readonly level: Level
  readonly text: string
  readonly more: readonly string[]
}

/** The first line of the page: is time good, how many of how many needed, what is wrong. */
export function sentenceOf(fleet: Fleet, devices: readonly Device[]): Sentence {
  const swept = devices.some(({ good_time: good }) => good !== null)
  if (!swept) return { level: 'unknown', text: 'No sweep has ended yet.', more: [] }
  const broken = fleet.quorum.filter(({ verdict }) => verdict === 'broken')
  const wrong = devices.filter((device) => verdictOf(device).level === 'bad')
  const more = [...broken.map(quorumText), ...wrong.slice(0, mostNamed).map(deviceText)]
  if (wrong.length > mostNamed) more.push(`and ${wrong.length - mostNamed} more`)
  const counted = `${fleet.good} of ${fleet.devices} ${fleet.devices === 1 ? 'server' : 'servers'}`
  if (broken.length > 0) {
    return { level: 'bad', text: `Clients may get no good time: ${counted} give it.`, more }
  }
  const tight = fleet.quorum.filter(({ verdict }) => verdict === 'tight').map(quorumText)
  const spare = tight.length === 0 ? '' : ', with none to spare'
  return {
    level: wrong.length > 0 ? 'warn' : 'good',
    text: `Time is good: ${counted} give it${spare}.`,
    more: wrong.length > 0 ? more : tight,
  }
}

const mostNamed = 3

function quorumText({ set, good, servers, min_good: needed }: Fleet['quorum'][number]): string {
  return `${set}: ${good} of ${servers} good, ${needed} needed`
}

function deviceText(device: Device): string {
  const { word, why } = verdictOf(device)
  return `${device.device}: ${why === '' ? word : why}`
}
