/** What was learned of devices, and when: `.timeball/facts.json`. */
import { z } from 'zod'
import type { Facts } from './facts.ts'

const text = z.string().nullable()
const count = z.number().nullable()

export const factsShape = {
  model: text,
  ansible_hostname: text,
  ansible_distribution: text,
  ansible_distribution_version: text,
  ansible_kernel: text,
  ansible_architecture: text,
  ansible_processor_vcpus: count,
  ansible_memtotal_mb: count,
  memory_available_mb: count,
  ansible_uptime_seconds: count,
  docker: text,
  compose: text,
  image: text,
  gpsd: text,
  receiver: text,
  disk_size_mb: count,
  disk_free_mb: count,
  flash_life_used: text,
  temperature_celsius: count,
  throttled: count,
} as const satisfies Record<keyof Facts, z.ZodType>

const file = z.object({
  format: z.literal(1),
  devices: z.record(z.string(), z.object({ at_unix_ms: z.number(), facts: z.object(factsShape) })),
})

export interface Known {
  readonly atUnixMs: number
  readonly facts: Facts
}

/** What cannot be read, or is of another version, is forgotten: it can be asked for again. */
export function readFactsMemory(content: string): ReadonlyMap<string, Known> {
  const parsed = file.safeParse(parseJson(content))
  if (!parsed.success) return new Map()
  return new Map(
    Object.entries(parsed.data.devices).map(([device, { at_unix_ms: atUnixMs, facts }]) => [
      device,
      { atUnixMs, facts },
    ]),
  )
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return null
  }
}

export function writeFactsMemory(known: ReadonlyMap<string, Known>): string {
  const devices = Object.fromEntries(
    [...known].map(([device, { atUnixMs, facts }]) => [device, { at_unix_ms: atUnixMs, facts }]),
  )
  return `${JSON.stringify({ format: 1, devices })}\n`
}

/** What is not older is not asked for again. */
export const freshMs = 3_600_000

/** A clock that was set to an earlier time makes nothing fresh. */
export function isFresh({ atUnixMs }: Known, nowUnixMs: number): boolean {
  const age = nowUnixMs - atUnixMs
  return age >= 0 && age < freshMs
}
