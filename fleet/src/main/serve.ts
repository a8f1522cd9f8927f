/** The real server of `timeball serve`: it is loaded only when it is called. */
import type { Listening, ListenRequest } from '../app/serve/listening.ts'
import { version } from './version.ts'
import { readRunbook, readWorstNights } from './runbooks.ts'
import type { Result } from '@timeball/lib/result.ts'

export async function listenForController(
  request: ListenRequest,
): Promise<Result<Listening, string>> {
  const { listen } = await import('../server/listen.ts')
  return await listen({ ...request, version, runbook: readRunbook, worstNights: readWorstNights })
}
