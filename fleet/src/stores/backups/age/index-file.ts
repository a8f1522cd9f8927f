/** What a repository says of one backup in clear: whose, when, and which objects it is made of. */
import { z } from 'zod'
import { sha256 } from './objects.ts'

const schema = z.strictObject({
  version: z.literal(1),
  subject: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/),
  taken_at_unix_ms: z.int().nonnegative(),
  /** Of the archive. */
  bytes: z.int().nonnegative(),
  /** In order: `HMAC-SHA256`, both in hexadecimal, see `age-repository.ts`. */
  objects: z.array(z.string().regex(/^[0-9a-f]{32}-[0-9a-f]{64}$/)),
})

export type BackupIndex = z.output<typeof schema>

/** `ID` of `TIME-ID.json` is made of the content, so that a change is seen. */
export function idOf(text: Uint8Array): string {
  return sha256(text).slice(0, 16)
}

/** `null`: it is not what was written, or not by us. */
export function readIndex(text: Buffer, id: string): BackupIndex | null {
  if (idOf(text) !== id) return null
  try {
    const parsed = schema.safeParse(JSON.parse(text.toString('utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export function formatIndex(index: BackupIndex): Buffer {
  return Buffer.from(`${JSON.stringify(index)}\n`)
}
