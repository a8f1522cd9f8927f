/** The real parts of `timeball serve`: they are loaded only when it is called. */
import type { Listening, ListenRequest } from '../app/serve/listening.ts'
import type { RolloutsSeen } from '../core/controller/view.ts'
import type { Result } from '../core/result.ts'

export async function listenForController(
  request: ListenRequest,
): Promise<Result<Listening, string>> {
  const { listen } = await import('../server/listen.ts')
  return await listen(request)
}

/** Of the journal in the fleet's state folder. */
export function rolloutsReader(_stateFolder: string): () => RolloutsSeen {
  return () => ({ newest: null, held: null })
}
