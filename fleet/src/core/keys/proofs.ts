/** `.timeball/keys.json`: since when each device has been seen to take its new key. No secret is in it. */
import { z } from 'zod'
import type { Proof } from './rotation.ts'

const schema = z.record(
  z.string(),
  z.strictObject({ fingerprint: z.string(), at_unix_ms: z.number(), overlap_ms: z.number() }),
)

export type Proofs = ReadonlyMap<string, Proof>

/** What cannot be read is not known: an overlap begins anew, and nothing is cut too early. */
export function parseProofs(text: string): Proofs {
  try {
    const found = schema.parse(JSON.parse(text))
    return new Map(
      Object.entries(found).map(([device, { fingerprint, at_unix_ms, overlap_ms }]) => [
        device,
        { fingerprint, atUnixMs: at_unix_ms, overlapMs: overlap_ms },
      ]),
    )
  } catch {
    return new Map()
  }
}

export function formatProofs(proofs: Proofs): string {
  const entries = [...proofs].map(([device, { fingerprint, atUnixMs, overlapMs }]) => [
    device,
    { fingerprint, at_unix_ms: atUnixMs, overlap_ms: overlapMs },
  ])
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
}
