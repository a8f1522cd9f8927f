/**
 * What the runner of a rollout knows and its journal does not say: why nothing moves just now. It is
 * kept beside the journal for other processes to show, and lost without harm.
 */
import { z } from 'zod'
import { timeStates } from '../service/good-time.ts'
import type { Sight } from './sight.ts'
import { blockedDevices } from './start-devices.ts'
import type { RolloutState } from './state.ts'

const outlook = z.strictObject({
  rollout: z.string(),
  /** When it was seen. */
  atUnixMs: z.number(),
  /** Why nothing may be started; `null`: it may. */
  freeze: z.string().nullable(),
  /** Why devices of the current wave that wait are not started, by name. */
  blocked: z.record(z.string(), z.string()),
  /** Whether each device gives good time, as measured from outside. */
  times: z.record(z.string(), z.enum(timeStates)),
  /** Why the controller does not go on with it; `null`: it does. */
  obstacle: z.strictObject({ kind: z.string(), text: z.string() }).readonly().nullable(),
})

export type Outlook = Readonly<z.infer<typeof outlook>>

export function outlookOf(state: RolloutState, sight: Sight): Outlook {
  return {
    rollout: state.started.rollout,
    atUnixMs: sight.nowMs,
    freeze: sight.freeze,
    blocked: Object.fromEntries(blockedDevices(state, sight)),
    times: Object.fromEntries([...sight.devices].map(([name, { time }]) => [name, time])),
    obstacle: null,
  }
}

/** Of a rollout that the controller cannot go on with. */
export function obstructed(
  rollout: string,
  obstacle: NonNullable<Outlook['obstacle']>,
  atUnixMs: number,
): Outlook {
  return { rollout, atUnixMs, freeze: null, blocked: {}, times: {}, obstacle }
}

/** `null`: it is none, or of another rollout. */
export function parseOutlook(text: string, rollout: string): Outlook | null {
  try {
    const found = outlook.safeParse(JSON.parse(text))
    return found.success && found.data.rollout === rollout ? found.data : null
  } catch {
    return null
  }
}

export function formatOutlook(seen: Outlook): string {
  return `${JSON.stringify(seen)}\n`
}

/** Why nothing moves, in one line; `null`: nothing keeps it. */
export function whyStill({ obstacle, freeze, blocked }: Outlook): string | null {
  if (obstacle !== null) return obstacle.text
  if (freeze !== null) return freeze
  const [first, ...more] = Object.entries(blocked)
  if (first === undefined) return null
  const [device, why] = first
  return `${device} waits: ${why}${more.length === 0 ? '' : `; ${more.length} more wait`}`
}
