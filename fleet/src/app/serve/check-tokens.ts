/** Knows the bearers of tokens: those that were made or revoked a moment ago, too. */
import { bearerOf, type Token } from '../../core/controller/token.ts'
import type { Tokens } from '../../ports/access-store.ts'
import type { Caller } from './caller.ts'

export interface TokenParts {
  readonly store: Pick<Tokens, 'tokens' | 'noteUse'>
  readonly nowUnixMs: () => number
  /** Monotonic. */
  readonly nowMs: () => number
  readonly log: (line: string) => void
}

export interface TokenCheck {
  /** `null`: nobody. */
  bearer(text: string): Promise<Omit<Caller, 'from'> | null>
  /** There still is such a token, with this role. */
  isStill(caller: Omit<Caller, 'from'>): Promise<boolean>
}

/** A revocation counts after this time at the latest. */
const freshMs = 1_000
/** The last use of a token is known to the minute. */
const noteEveryMs = 60_000

/** What cannot be read lets nobody in, and is told once. */
export function checkTokens({ store, nowUnixMs, nowMs, log }: TokenParts): TokenCheck {
  let known: readonly Token[] = []
  let readMs = -Infinity
  let isTold = false
  const notedMs = new Map<string, number>()

  async function all(): Promise<readonly Token[]> {
    if (nowMs() - readMs < freshMs) return known
    readMs = nowMs()
    try {
      known = await store.tokens()
      isTold = false
    } catch (error) {
      if (!isTold) log(`tokens cannot be read: ${String(error)}`)
      isTold = true
      known = []
    }
    return known
  }

  async function note(name: string): Promise<void> {
    if (nowMs() - (notedMs.get(name) ?? -Infinity) < noteEveryMs) return
    notedMs.set(name, nowMs())
    try {
      await store.noteUse(name, nowUnixMs())
    } catch {
      // A full disk is no reason not to answer; what is written next tells of it.
    }
  }

  return {
    async bearer(text) {
      const token = bearerOf(await all(), text, nowUnixMs())
      if (token === null) return null
      await note(token.name)
      return { name: token.name, role: token.role }
    },
    async isStill({ name, role }) {
      const tokens = await all()
      const now = nowUnixMs()
      return tokens.some(
        (token) => token.name === name && token.role === role && token.expiresUnixMs > now,
      )
    },
  }
}
