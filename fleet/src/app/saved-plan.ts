/**
 * Plans in a file. A saved plan says what was seen and intended as digests, not how to do it: when
 * it is applied everything is planned anew, and must come out the same.
 */
import { z } from 'zod'
import { stateDigest } from '../core/desired/desired-state.ts'
import { sha256Hex } from '../core/hash/sha256.ts'
import type { FleetPlan } from '../core/plan/fleet-plan.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Prepared } from './prepare.ts'

/**
 * What is written today; `test/` has a file of each version. Keys that are not known are those of a
 * version which only added some, and are left alone.
 */
const version = 1

const savedPlanSchema = z.object({
  format: z.string().regex(/^timeball-plan-[0-9]{1,9}$/),
  fleet: z.string(),
  image: z.string(),
  reboot: z.boolean(),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  devices: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
})

export type SavedPlan = z.infer<typeof savedPlanSchema>

/** The text of the file. The salt, 32 random hex digits, keeps digests of weak secrets from being guessed. */
export function savePlan(plan: FleetPlan, prepared: Prepared, salt: string): string {
  const saved: SavedPlan = {
    format: `timeball-plan-${version}`,
    fleet: plan.fleet,
    image: plan.image,
    reboot: plan.devices.some(({ reboot }) => reboot === 'now'),
    salt,
    devices: deviceDigests(plan, prepared, salt),
  }
  return `${JSON.stringify(saved, null, 2)}\n`
}

export function parseSavedPlan(file: string, text: string): Result<SavedPlan, readonly Problem[]> {
  const refused = (what: string): Result<never, readonly Problem[]> =>
    fail([{ file, line: null, column: null, what, fix: 'make it with: timeball plan --out FILE' }])
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return refused('is not a saved plan: it is not JSON')
  }
  const parsed = savedPlanSchema.safeParse(content)
  if (parsed.success) {
    const written = Number(parsed.data.format.slice('timeball-plan-'.length))
    if (written <= version) return ok(parsed.data)
    return refused(`was saved by a later version of timeball (format ${written})`)
  }
  return refused(`is not a saved plan: ${parsed.error.issues[0]?.message ?? 'unreadable'}`)
}

/** Names of the devices for which the fleet or the device has moved since the plan was saved. */
export function movedSince(saved: SavedPlan, plan: FleetPlan, prepared: Prepared): string[] {
  const now = deviceDigests(plan, prepared, saved.salt)
  const names = new Set([...Object.keys(saved.devices), ...Object.keys(now)])
  return [...names].filter((name) => saved.devices[name] !== now[name])
}

function deviceDigests(plan: FleetPlan, prepared: Prepared, salt: string): Record<string, string> {
  const digests = plan.devices.map((device): [string, string] => {
    const state = prepared.states.get(device.device)
    const desired = state === undefined ? '' : stateDigest(state, salt)
    const { changes, baseGeneration, pending, reboot } = device
    const seen = { image: plan.image, desired, changes, baseGeneration, pending, reboot }
    return [device.device, sha256Hex(salt + JSON.stringify(seen))]
  })
  return Object.fromEntries(digests)
}
