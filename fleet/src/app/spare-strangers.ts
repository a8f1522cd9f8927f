/**
 * Servers of other people are asked seldom, and left alone where they said so. Every sweep of every
 * command goes this way; between two questions the last answer is held.
 */
import type { ClockSample } from '../core/clock/sample.ts'
import {
  mayBeHeld,
  refusalMs,
  refusalOf,
  refusalSamples,
  type Refusal,
} from '../core/clock/courtesy.ts'
import type { ClockAnswer, ClockTarget, ClockWorld } from '../ports/clock-world.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import { notAsked, unasked } from './clock-servers.ts'

/** Two clocks of this machine at one instant. */
export interface Instant {
  /** Monotonic. */
  readonly atMs: number
  /** How far the wall clock is ahead of the monotonic one: it changes when somebody sets it. */
  readonly wallAheadNs: bigint
}

/** When it was heard: with the clocks at the start of that sweep. */
interface Held {
  readonly answer: ClockAnswer
  readonly start: Instant
}

/** What strangers answered to this process, by name. It outlives a change of the fleet's files. */
export type HeldAnswers = Map<string, Held>

export interface StrangersMemory {
  readonly held: HeldAnswers
  readonly now: () => Instant
  /** What they answered to other processes. It is closed after each use. */
  readonly openSamples: () => Promise<SampleStore>
  /** Something is not remembered, in a sentence. */
  readonly say: (line: string) => void
}

export function sparingStrangers(
  world: Pick<ClockWorld, 'sweepClocks' | 'nowUnixMs'>,
  memory: StrangersMemory,
): ClockWorld['sweepClocks'] {
  return async (targets, signal) => {
    const start = memory.now()
    const instead = await answersOf(targets, { memory, start, nowUnixMs: world.nowUnixMs() })
    const asked = targets.filter((target) => !instead.has(target))
    const sweep = await world.sweepClocks(asked, signal)
    for (const [index, target] of asked.entries()) {
      const answer = sweep.answers[index]
      if (answer !== undefined) instead.set(target, answer)
    }
    if (!signal.aborted) {
      const heard = asked.flatMap((target) => {
        const answer = instead.get(target)
        const name = target.stranger
        return answer === undefined || name === null || answer.swept.sent === 0
          ? []
          : [{ name, answer }]
      })
      for (const { name, answer } of heard) memory.held.set(name, { answer, start })
      const kisses = heard.filter(({ answer }) => answer.swept.kiss !== null)
      await keep(
        kisses.map(({ name, answer }) => kissOf(name, answer, sweep.startedUnixMs)),
        memory,
      )
    }
    return { ...sweep, answers: targets.map((target) => instead.get(target) ?? notAsked) }
  }
}

interface Asking {
  readonly memory: StrangersMemory
  readonly start: Instant
  readonly nowUnixMs: number
}

/** The answers of those that are not asked now. */
async function answersOf(
  targets: readonly ClockTarget[],
  { memory, start, nowUnixMs }: Asking,
): Promise<Map<ClockTarget, ClockAnswer>> {
  const found = new Map<ClockTarget, ClockAnswer>()
  const open: [ClockTarget, string][] = []
  for (const target of targets) {
    if (target.stranger === null) continue
    const answer = heldAnswer(memory.held.get(target.stranger), start)
    if (answer !== null) found.set(target, answer)
    // What to do about a refusal is said from its second sweep on.
    if (answer === null || answer.swept.kiss !== null) open.push([target, target.stranger])
  }
  if (open.length === 0) return found
  const store = await memory.openSamples()
  try {
    for (const [target, name] of open) {
      const history = await store.history(name, nowUnixMs - refusalMs, refusalSamples)
      const refusal = refusalOf(history, nowUnixMs)
      if (refusal !== null) found.set(target, refusedAnswer(refusal))
    }
  } finally {
    await store.close()
  }
  return found
}

function refusedAnswer({ code, detail }: Refusal): ClockAnswer {
  return unasked({ code: 'kiss', detail }, code)
}

/**
 * On the scale of this sweep: what somebody set this machine's clock by meanwhile is taken out, and
 * the time since is in `heardSeconds`, by which the judgement widens its error. `null`: too old.
 */
function heldAnswer(held: Held | undefined, now: Instant): ClockAnswer | null {
  if (held === undefined) return null
  const { answer, start } = held
  const ageSeconds = (now.atMs - start.atMs) / 1000
  if (!mayBeHeld(ageSeconds)) return null
  const { swept } = answer
  const counts = { sent: 0, answered: 0, lost: 0, heardSeconds: swept.heardSeconds - ageSeconds }
  if (!swept.result.ok) return { ...answer, swept: { ...swept, ...counts } }
  const { offsetSeconds, referenceAgeSeconds, ...rest } = swept.result.value
  const setSeconds = Number(now.wallAheadNs - start.wallAheadNs) / 1e9
  const value = {
    ...rest,
    offsetSeconds: offsetSeconds - setSeconds,
    referenceAgeSeconds: referenceAgeSeconds === null ? null : referenceAgeSeconds + ageSeconds,
  }
  return { ...answer, swept: { ...swept, ...counts, result: { ok: true, value } } }
}

function kissOf(server: string, { swept }: ClockAnswer, atUnixMs: number): ClockSample {
  return {
    server,
    atUnixMs,
    verdict: 'undecidable',
    offsetSeconds: null,
    errorSeconds: null,
    delaySeconds: null,
    stratum: null,
    rootDispersionSeconds: null,
    referenceAgeSeconds: null,
    kiss: swept.kiss,
  }
}

async function keep(
  samples: readonly ClockSample[],
  { openSamples, say }: StrangersMemory,
): Promise<void> {
  if (samples.length === 0) return
  try {
    const store = await openSamples()
    try {
      await store.append(samples)
    } finally {
      await store.close()
    }
  } catch (error) {
    const names = samples.map(({ server }) => server).join(', ')
    const reason = error instanceof Error ? error.message : String(error)
    say(`that ${names} sent this machine away is forgotten at the end: ${reason}`)
  }
}
