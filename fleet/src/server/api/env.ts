/** What is known of a request to the API beside the request. */
import type { Caller, Door } from '../../app/serve/caller.ts'

export interface ApiEnv {
  readonly Bindings: {
    /** Left out in tests: the network. */
    readonly door?: Door
    /** Address of the client; absent on a socket. */
    readonly remote?: string
  }
  readonly Variables: {
    readonly caller: Caller
  }
}
