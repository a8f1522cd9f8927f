/**
 * The format of journals. It outlives what is typed today: each event has the version in which it
 * was written, is read leniently, and a version that was ever written is read for ever.
 */
import { z } from 'zod'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { RolloutEvent } from '../event.ts'
import { storedEvent } from './stored-event.ts'
import { fromVersion1 } from './version-1.ts'

/** What is written today; in `test/` there is a journal of each version. */
const version = 7

/** The text of an event. Throws for one that no program should have made. */
export function encodeEvent(event: RolloutEvent): string {
  return JSON.stringify({ v: version, ...storedEvent.parse(event) })
}

const envelope = z.looseObject({ v: z.int().min(1).default(1) })

/** The event that a text holds; else why not, as the end of a sentence that begins with "it". */
export function decodeEvent(text: string): Result<RolloutEvent, string> {
  const found = envelope.safeParse(parseJson(text))
  if (!found.success) return fail('is no record')
  const { v, ...record } = found.data
  if (v > version) return fail(`was written by a later version of timeball (format ${v})`)
  const event = storedEvent.safeParse(v === 1 ? fromVersion1(record) : record)
  if (event.success) return ok(event.data)
  const [issue] = event.error.issues
  const place = issue?.path.join('.') ?? ''
  return fail(place === '' ? 'is no event' : `is no event: ${place} is missing or wrong`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
