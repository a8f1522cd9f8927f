/**
 * What the daemon says twice, and differently. Pure. It tells most figures both of its system and of
 * the source that it follows; a figure that another one denies is no ground for a verdict.
 */
import { isIPv6 } from 'node:net'
import type { PeerState, SystemState } from '@timeball/clock/control/state.ts'
import { isReferenceClock, isSelected } from './selected.ts'
import type { Daemon } from './observe.ts'

/** `error`: an error bound that no clock has. Labels of a metric: a fixed list. */
export const contradictionKinds = [
  'offset',
  'error',
  'stratum',
  'refid',
  'reach',
  'selection',
  'leap',
  'frequency',
] as const

export type ContradictionKind = (typeof contradictionKinds)[number]

/** `text` is a phrase for people, with both figures. */
export interface Contradiction {
  readonly kind: ContradictionKind
  readonly text: string
}

/**
 * ntpd keeps its offset when its source moves by more than 128 ms, and for good when it may not
 * steer (ntpsec 1.2.2); below that it takes the offset of its source over at its next update.
 */
const maxOffsetDifferenceMs = 100
/** NTP_MAXFREQ (RFC 5905 figure 29) less its last digit as printed. */
const frequencyLimitPpm = 499.99

/** A daemon that is not in step says so, and no more. */
const notInStep = 16

/** `selected` is the source that the daemon follows. */
export function contradictionsIn(
  { through, system, peers }: Daemon,
  selected: PeerState | null,
): readonly Contradiction[] {
  const texts: Record<ContradictionKind, string | null> = {
    offset: offsetText(system, selected),
    error: errorText(system),
    stratum: stratumText(system, selected),
    refid: refidText(system, selected),
    reach: reachText(selected),
    // The daemons' own programs tell neither association ids nor the status word.
    selection: through === 'control' ? selectionText(system, peers) : null,
    leap: through === 'control' ? leapText(system) : null,
    frequency: frequencyText(system),
  }
  return contradictionKinds.flatMap((kind) => {
    const text = texts[kind]
    return text === null ? [] : [{ kind, text }]
  })
}

/** One way only: an old offset that is worse than the source's of now does no harm. */
function offsetText({ offsetMs }: SystemState, selected: PeerState | null): string | null {
  if (offsetMs === null || selected === null || selected.offsetMs === null) return null
  const limitMs = Math.max(maxOffsetDifferenceMs, selected.delayMs ?? 0)
  const difference = Math.abs(selected.offsetMs - offsetMs)
  if (difference <= limitMs || Math.abs(selected.offsetMs) <= limitMs) return null
  return `the daemon says that its offset is ${ms(offsetMs)}, but its source ${selected.address} is ${ms(selected.offsetMs)} away`
}

function errorText(system: SystemState): string | null {
  if (system.referenceAgeSeconds === null) return null
  const negative = [
    ['root delay', system.rootDelayMs],
    ['root dispersion', system.rootDispersionMs],
    ['jitter', system.jitterMs],
  ] as const
  const [name, value] = negative.find(([, each]) => each !== null && each < 0) ?? []
  if (name !== undefined && value !== null && value !== undefined) {
    return `the daemon says that its ${name} is ${ms(value)}: nothing has less than none`
  }
  return system.rootDispersionMs === 0
    ? 'the daemon says that its root dispersion is 0: no clock is without error'
    : null
}

function stratumText({ stratum }: SystemState, selected: PeerState | null): string | null {
  if (stratum === null || selected === null || selected.stratum === null) return null
  if (stratum === selected.stratum + 1 || stratum === notInStep) return null
  return `the daemon says that its stratum is ${stratum}, but its source ${selected.address} has ${selected.stratum}`
}

/** That of an IPv6 address is a hash (RFC 5905 section 7.3), which is not compared. */
function refidText({ refid }: SystemState, selected: PeerState | null): string | null {
  if (refid === null || selected === null || isIPv6(selected.address)) return null
  const { address } = selected
  if (refid === address || (isReferenceClock(selected) && refid === selected.refid)) return null
  return `the daemon says that it follows ${refid}, but its source is ${address}`
}

function reachText(selected: PeerState | null): string | null {
  if (selected === null || selected.reach !== 0) return null
  return `the daemon follows ${selected.address}, which answered none of the last eight polls`
}

function selectionText(
  { peerAssociation }: SystemState,
  peers: readonly PeerState[],
): string | null {
  const marked = peers.filter((peer) => isSelected(peer))
  if (peerAssociation === null || marked.length === 0) return null
  if (marked.some(({ association }) => association === peerAssociation)) return null
  const named = peers.find(({ association }) => association === peerAssociation)
  const addresses = marked.map(({ address }) => address).join(' and ')
  return `the daemon says that it follows ${named?.address ?? 'a source that it does not list'}, but has marked ${addresses}`
}

function leapText({ leap, status }: SystemState): string | null {
  if (leap === null || leap === status.leap) return null
  return `the daemon says leap indicator ${leap}, and ${status.leap} in its status word`
}

function frequencyText({ frequencyPpm }: SystemState): string | null {
  if (frequencyPpm === null || Math.abs(frequencyPpm) < frequencyLimitPpm) return null
  return `the frequency is corrected by ${frequencyPpm.toFixed(1)} ppm, the most that can be: the clock drifts away all the same`
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`
}
