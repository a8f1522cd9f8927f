/**
 * Canaries against devices of the same kind that were not changed, over the same minutes: what
 * befalls both is not the new release's doing. Pure.
 */
import { scaleSeconds } from '../../table.ts'
import type { Comparison } from '../sight.ts'
import { deviationOf, medianOf } from '@timeball/lib/median.ts'

/** One measurement of one device, to the fleet's time. Seconds. */
export interface ClockPoint {
  readonly device: string
  readonly offsetSeconds: number
  /** Bound on the error of `offsetSeconds` against another device of the same sweep. */
  readonly errorSeconds: number
}

/** Canaries and their baseline in one role. */
export interface ComparedGroup {
  readonly name: string
  readonly canaries: readonly string[]
  /** Devices that were not changed; none is a fleet that has no other of that role. */
  readonly controls: readonly string[]
  /** Of all of them. */
  readonly points: readonly ClockPoint[]
}

/** Fewer measurements of one side than this say nothing about it. */
const leastPoints = 3
/** How many deviations of the controls are no finding yet. */
const deviations = 3
/** A difference below this harms nobody. */
const floorSeconds = 0.0005

/**
 * A canary fails when the median of its |offset| is above that of the controls by more than both
 * error bounds, three times the controls' median deviation, and half a millisecond. One that cannot
 * be compared makes it inconclusive; a role without controls passes, and says so.
 */
export function compareCanaries(groups: readonly ComparedGroup[]): Comparison {
  const found = groups.flatMap(compareGroup)
  const worst = (['fail', 'inconclusive'] as const)
    .map((verdict) => found.filter((each) => each.verdict === verdict))
    .find((list) => list.length > 0)
  const told = worst ?? found
  const [first] = told
  if (first === undefined) return { verdict: 'pass', detail: 'there are no canaries to compare' }
  return { verdict: first.verdict, detail: told.map(({ detail }) => detail).join('; ') }
}

function compareGroup(group: ComparedGroup): Comparison[] {
  const { name, canaries, controls, points } = group
  if (canaries.length > 0 && controls.length === 0) {
    return [{ verdict: 'pass', detail: `${name}: no unchanged device to compare with` }]
  }
  const unchanged = new Set(controls)
  const theirs = points.filter(({ device }) => unchanged.has(device))
  return canaries.map((canary) =>
    compareOne(
      canary,
      points.filter(({ device }) => device === canary),
      theirs,
    ),
  )
}

function compareOne(
  canary: string,
  own: readonly ClockPoint[],
  theirs: readonly ClockPoint[],
): Comparison {
  const mine = summaryOf(own)
  const control = summaryOf(theirs)
  if (mine === null || control === null) {
    const counts = `${own.length} and ${theirs.length}`
    const detail = `${canary} and its controls have ${counts} measurements (${leastPoints} wanted)`
    return { verdict: 'inconclusive', detail }
  }
  const errorSeconds = mine.errorSeconds + control.errorSeconds
  const allowed = errorSeconds + deviations * control.deviationSeconds + floorSeconds
  const worse = mine.offsetSeconds - control.offsetSeconds
  const both = `${scaleSeconds(mine.offsetSeconds)} off, baseline ${scaleSeconds(control.offsetSeconds)}`
  return {
    verdict: worse > allowed ? 'fail' : 'pass',
    detail: `${canary} ${both} (${scaleSeconds(allowed)} apart are allowed)`,
  }
}

interface Summary {
  /** Median of |offset|. */
  readonly offsetSeconds: number
  readonly errorSeconds: number
  readonly deviationSeconds: number
}

/** `null`: too few. */
function summaryOf(points: readonly ClockPoint[]): Summary | null {
  if (points.length < leastPoints) return null
  const sizes = points.map(({ offsetSeconds }) => Math.abs(offsetSeconds))
  const offsetSeconds = medianOf(sizes)
  const errorSeconds = medianOf(points.map((point) => point.errorSeconds))
  if (offsetSeconds === null || errorSeconds === null) return null
  const deviationSeconds = deviationOf(sizes, offsetSeconds) ?? 0
  return { offsetSeconds, errorSeconds, deviationSeconds }
}
