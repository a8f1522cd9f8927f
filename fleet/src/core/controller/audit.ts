/**
 * The log of who changed what: each line has the hash of the one before it, so that none can be
 * altered, taken away, added or moved without the others telling. Whoever may write the file can
 * make all of it anew, but not the hashes that were noted elsewhere.
 */
import { z } from 'zod'
import { sha256Hex } from '../hash/sha256.ts'

/** What is told of an act. No secret is ever among it. */
export interface AuditEntry {
  readonly atUnixMs: number
  /** `ada@ops-1`, or the name of a token. */
  readonly who: string
  /** `command line`, `socket`, or an address. */
  readonly from: string
  /** Such as `fleet.claim`, `rollout.pause`, `token.create`. */
  readonly action: string
  /** What it was done to. */
  readonly what: string
  /** `done`, `refused: …`, `failed: …`. */
  readonly result: string
}

const lineSchema = z.strictObject({
  seq: z.number().int().positive(),
  at_unix_ms: z.number(),
  who: z.string(),
  from: z.string(),
  action: z.string(),
  what: z.string(),
  result: z.string(),
  before: z.string().describe('The hash of the line before; zeros before the first.'),
  hash: z.string().describe('SHA-256 of the other keys of this line, as JSON in this order.'),
})

export type AuditLine = z.output<typeof lineSchema>

/** Enough to know whether a log still has all that it had. */
export interface AuditHead {
  readonly seq: number
  readonly hash: string
}

export const beginning: AuditHead = { seq: 0, hash: '0'.repeat(64) }

/** The line after `before`. */
export function sealEntry(entry: AuditEntry, before: AuditHead): AuditLine {
  const { atUnixMs, who, from, action, what, result } = entry
  const told = { at_unix_ms: atUnixMs, who, from, action, what, result }
  const body = { seq: before.seq + 1, ...told, before: before.hash }
  return { ...body, hash: sha256Hex(JSON.stringify(body)) }
}

/** `null`: it is no line. */
export function parseAuditLine(text: string): AuditLine | null {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function hashOf({ seq, at_unix_ms, who, from, action, what, result, before }: AuditLine): string {
  return sha256Hex(JSON.stringify({ seq, at_unix_ms, who, from, action, what, result, before }))
}

/** So many are told; a log that was made anew has as many as it has lines. */
const mostTold = 20

/**
 * What is wrong with a log, in its own order; empty: nothing. `texts` are its lines as they are kept,
 * from the first on; `noted` is a head that was noted earlier, `null` where there is none.
 */
export function auditMistakes(
  texts: readonly string[],
  noted: AuditHead | null,
): readonly string[] {
  const mistakes: string[] = []
  let before = beginning
  for (const [index, text] of texts.entries()) {
    const line = parseAuditLine(text)
    if (line === null) {
      mistakes.push(`line ${before.seq + 1} cannot be read: it was altered`)
      before = { seq: before.seq + 1, hash: '' }
      continue
    }
    mistakes.push(...mistakesOf(line, before, index + 1))
    before = { seq: line.seq, hash: hashOf(line) }
  }
  if (noted !== null) mistakes.push(...mistakesOfHead(texts, before, noted))
  return mistakes.slice(0, mostTold)
}

function mistakesOf(line: AuditLine, before: AuditHead, place: number): readonly string[] {
  const { seq } = line
  const altered = hashOf(line) === line.hash ? [] : [`line ${seq} was altered`]
  if (seq <= before.seq)
    return [...altered, `line ${seq} is not in its place, but after ${before.seq}`]
  if (seq > before.seq + 1)
    return [...altered, `${goneText(before.seq + 1, seq - 1)} before ${seq}`]
  // The hash of a line that was altered is made of what it is now, and not known after one that is gone.
  const isBroken = before.hash !== '' && line.before !== before.hash && place > 1
  const isFalseStart = place === 1 && line.before !== beginning.hash
  const chain = `line ${before.seq} is not the one that ${seq} was written after: it was altered`
  return [...altered, ...(isBroken ? [chain] : []), ...(isFalseStart ? ['line 1 was altered'] : [])]
}

function mistakesOfHead(
  texts: readonly string[],
  last: AuditHead,
  noted: AuditHead,
): readonly string[] {
  if (last.seq < noted.seq) return [`${goneText(last.seq + 1, noted.seq)} at the end`]
  const line = texts.map(parseAuditLine).find((each) => each?.seq === noted.seq)
  const isSame = line === undefined || line?.hash === noted.hash
  return isSame ? [] : [`line ${noted.seq} is not what was noted of it: the log was written anew`]
}

function goneText(first: number, last: number): string {
  return first === last ? `line ${first} is missing` : `lines ${first} to ${last} are missing`
}
