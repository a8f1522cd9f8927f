/** The keys that minions and this process have agreed on, one for each minion. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { z } from 'zod'
import type { Jobs } from './jobs.ts'
import type { AskFailure, Asking } from './question.ts'
import { agreedSeal, newKeyPair } from './seal.ts'
import { versionProblem } from './versions.ts'

export interface Session {
  /** Sealed there and back. `lost`: the minion knows nothing of it, or of the operation. */
  ask(operation: string, order: Order, asking: Asking): Promise<Result<unknown, SessionFailure>>
}

export type Order =
  | {
      readonly kind: 'put'
      readonly part: number
      /** zlib, in base64. */
      readonly data: string
      readonly last: boolean
      readonly command: string
      readonly wait: number
    }
  | { readonly kind: 'get'; readonly from: number; readonly wait: number }
  | { readonly kind: 'drop' }

export interface SessionFailure {
  readonly kind: AskFailure['kind'] | 'lost' | 'old'
  readonly detail: string
}

export interface Sessions {
  /** `fresh` agrees anew. */
  open(
    id: string,
    connection: 'reuse' | 'fresh',
    asking: Asking,
  ): Promise<Result<Session, SessionFailure>>
}

const openedSchema = z.object({
  session: z.string().regex(/^[0-9a-f]{32}$/),
  public: z.base64(),
  salt: z.string(),
})
const answerSchema = z.union([
  z.object({ refused: z.string() }),
  z.object({ sealed: z.string() }),
  z.object({}),
])

export function saltSessions(jobs: Jobs): Sessions {
  const mine = newKeyPair()
  const known = new Map<string, Promise<Result<Session, SessionFailure>>>()

  async function agree(id: string, asking: Asking): Promise<Result<Session, SessionFailure>> {
    const content = { kind: 'open', public: mine.public }
    const answer = await jobs.ask(id, content, { ...asking, withProgram: true })
    if (!answer.ok) return answer
    const opened = openedSchema.safeParse(answer.value)
    if (!opened.success) return fail({ kind: 'strange', detail: 'its minion agrees on no key' })
    const problem = versionProblem(opened.data.salt)
    if (problem !== null) return fail({ kind: 'old', detail: `its minion: ${problem}` })
    return ok(sessionWith(jobs, id, opened.data.session, agreedSeal(mine, opened.data.public)))
  }

  return {
    async open(id, connection, asking) {
      const session = (connection === 'reuse' ? known.get(id) : undefined) ?? agree(id, asking)
      known.set(id, session)
      const opened = await session
      if (!opened.ok && known.get(id) === session) known.delete(id)
      return opened
    },
  }
}

function sessionWith(
  jobs: Jobs,
  id: string,
  session: string,
  seal: ReturnType<typeof agreedSeal>,
): Session {
  return {
    async ask(operation, order, asking) {
      const about = `${session} ${operation}`
      const content = { kind: 'sealed', session, operation, sealed: seal.seal(order, about) }
      const answer = await jobs.ask(id, content, asking)
      if (!answer.ok) return answer
      const read = answerSchema.safeParse(answer.value)
      if (!read.success) return strange
      if ('refused' in read.data) return lost
      if (!('sealed' in read.data)) return ok({})
      const from = order.kind === 'get' ? order.from : 0
      try {
        return ok(seal.open(read.data.sealed, `${about} ${from}`))
      } catch {
        return strange
      }
    },
  }
}

const strange = fail<SessionFailure>({
  kind: 'strange',
  detail: 'the answer of the minion is not sealed with its key',
})
const lost = fail<SessionFailure>({
  kind: 'lost',
  detail: 'the device knows nothing of it any more: perhaps it was started anew',
})
