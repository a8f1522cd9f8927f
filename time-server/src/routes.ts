/**
 * The paths that are asked most, answered without the app around the others: `/health`, `/metrics`
 * and the time. The app has the time too, for its document; both give the same answers.
 */
import type { IncomingMessage } from 'node:http'
import { refusalOf } from './api/access.ts'
import type { Answers } from './api/answers.ts'
import { jsonAnswer, jsonType } from './http.ts'
import type { Answer, Routes } from './http.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { Observation } from './observe.ts'

/** Reads of the time, for those whom the ring lets in. */
export function timeRoutes(answers: Answers, ring: KeyRing): Routes {
  const guarded = (read: () => Promise<string>) => async (request: IncomingMessage) => {
    const { authorization = null, 'x-api-key': apiKey } = request.headers
    const sent = { authorization, apiKey: typeof apiKey === 'string' ? apiKey : null }
    const refusal = refusalOf(ring, sent)
    if (refusal === null) return { status: 200, type: jsonType, body: await read() }
    return { ...jsonAnswer(refusal.status, refusal.body), headers: refusal.headers }
  }
  return new Map([
    ['/api/unix', guarded(() => answers.unixText())],
    ['/api/time', guarded(() => answers.utcText())],
  ])
}

/** `write`, once for each look: all who ask within its second get the same text. */
export function oncePerLook(
  look: () => Promise<Observation>,
  write: (observation: Observation) => Promise<Answer>,
): () => Promise<Answer> {
  let seen: Observation | null = null
  let written: Promise<Answer> | null = null
  return async () => {
    const observation = await look()
    if (written === null || observation !== seen) {
      seen = observation
      written = write(observation)
    }
    return written
  }
}
