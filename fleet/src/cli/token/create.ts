/** `timeball token create`: a new token, which is shown this once. */
import { formatSpan } from '@timeball/lib/duration.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { tokenRecord } from '../../api/records/token-record.ts'
import type { Role } from '../../core/controller/roles.ts'
import {
  hashOfToken,
  tokenNameProblem,
  tokenText,
  type Token,
} from '../../core/controller/token.ts'
import type { AccessStore } from '../../ports/access-store.ts'
import { noteBy } from '../../app/operate/note-act.ts'
import type { Context, FleetOptions } from '../context.ts'
import { withAccess } from '../open-access.ts'
import { refuse, usageProblem } from '../problems.ts'
import { openRecords } from '../records.ts'

export interface CreateOptions extends FleetOptions {
  readonly role: Role
  /** Milliseconds. */
  readonly expires: number
}

export async function createCommand(
  context: Context,
  name: string,
  options: CreateOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const weakness = tokenNameProblem(name)
  if (weakness !== null) {
    return refuse(terminal, [usageProblem(`"${name}" is no name of a token: ${weakness}`, null)])
  }
  return await withAccess(context, options, async (store) => {
    const made = await createToken(context, store, { name, ...options })
    if (made === null) {
      const fix = `timeball token revoke ${name}, or another name`
      return refuse(terminal, [usageProblem(`there is a token ${name}`, fix)])
    }
    const records = await openRecords(context, options.json)
    if (records !== null) {
      records.write({ ...tokenRecord(made.token), token: made.text })
      return records.result(exitCodes.done, {})
    }
    terminal.out(made.text)
    const until = `for ${formatSpan(options.expires)}`
    terminal.say(
      `timeball: ${name} is a token for ${options.role}s ${until}; it is shown this once`,
    )
    return exitCodes.done
  })
}

export interface NewToken {
  readonly name: string
  readonly role: Role
  /** Milliseconds. */
  readonly expires: number
}

/** `null`: there is one of this name. */
export async function createToken(
  context: Context,
  store: AccessStore,
  { name, role, expires }: NewToken,
): Promise<{ readonly text: string; readonly token: Token } | null> {
  const text = tokenText(context.newKey())
  const nowUnixMs = context.nowUnixMs()
  const token = {
    ...{ name, role },
    hash: hashOfToken(text),
    createdUnixMs: nowUnixMs,
    createdBy: context.operator,
    expiresUnixMs: nowUnixMs + expires,
    usedUnixMs: null,
  }
  if (!(await store.addToken(token))) return null
  await noteBy(context, store, { action: 'token.create', what: `${name} ${role}`, result: 'done' })
  return { text, token }
}
