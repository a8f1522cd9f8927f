/**
 * Fencing epochs: the number that goes with every change, which a device refuses when it has seen a
 * higher one. It comes from our own store and rises by one with every operation; what one device says
 * changes the number for that device, and no other.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Failure } from '../failure.ts'

/** The store gives none beyond it: more than counting ever reaches, and a plain number everywhere. */
export const highestEpoch = 1_000_000_000

/**
 * So far above ours a device's number is not believed. A second state directory, or a lost one, is
 * behind by as many operations as the other one has seen; a million are one a minute for two years.
 */
const believable = 1_000_000

/** Below this many devices a majority is one device, or all of them. */
const fewestWitnesses = 3

/** The number for a device that has seen `seen`, where ours is `own`. */
export function epochFor(own: number, seen: number): Result<number, Failure> {
  if (seen <= own) return ok(own)
  if (seen - own <= believable && seen < highestEpoch) return ok(seen + 1)
  const detail = `it has seen operation ${seen}, and this fleet is at ${own}`
  return fail({ code: 'epoch-ahead', detail })
}

/**
 * The number that more than half of all devices have seen, so that a lost store goes on from there;
 * 0: there is none. `seen`: what the devices that were asked say; `devices`: how many there are.
 */
export function majorityEpoch(seen: Iterable<number>, devices: number): number {
  if (devices < fewestWitnesses) return 0
  const known = [...seen].filter((epoch) => Number.isInteger(epoch) && epoch < highestEpoch)
  return known.toSorted((a, b) => b - a)[Math.floor(devices / 2)] ?? 0
}

/** The numbers of one operation, by device. */
export interface Epochs {
  /** Of the state directory that they are from. */
  readonly origin: string
  /** The device was looked at, and has seen this one. Fails where that cannot be. */
  seen(device: string, epoch: number): Result<number, Failure>
  /** That of a device which was looked at, else the operation's own. */
  of(device: string): number
}

export function openEpochs(own: number, origin: string): Epochs {
  const ahead = new Map<string, number>()
  const of = (device: string): number => ahead.get(device) ?? own
  return {
    origin,
    of,
    seen(device, epoch) {
      const known = of(device)
      if (epoch <= known) return ok(known)
      const mine = epochFor(own, epoch)
      if (mine.ok) ahead.set(device, mine.value)
      return mine
    },
  }
}
