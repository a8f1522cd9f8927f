/** `timeball approve COMMIT`: the newest commit of the branch becomes the desired state. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { shortId, type GitMemory } from '../../core/git/memory.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse, usageProblem } from '../problems.ts'
import { readFleet } from '../start.ts'
import { following, lookForCommit, planOf, takeCommit, type Following } from './follow.ts'
import { newestText } from './keep-following.ts'

export interface ApproveOptions extends FleetOptions {
  /** The hash of the plan that was seen. */
  readonly plan?: string
}

export async function approveCommand(
  context: Context,
  typed: string,
  options: ApproveOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const read = await readFleet(context, undefined, options)
  if (!read.ok) return read.failure
  const { loaded } = read.value
  const obstacle = context.enterNetwork(loaded)
  if (obstacle !== null) return refuse(terminal, [obstacle])
  const follow = following(context, loaded, options)
  if (follow === null) return refuse(terminal, [noRepository])
  const endTurn = await takeTurn(follow)
  if (endTurn === null) {
    terminal.say('timeball: another process looks at commits; give the command again')
    return exitCodes.conflict
  }
  try {
    return await approve(follow, typed, options)
  } finally {
    endTurn()
  }
}

export const noRepository = usageProblem(
  'this fleet comes from no repository',
  'git: { remote: … } in fleet.yaml names it (docs/git.md)',
)

const patienceMs = 60_000

/** A controller has it for moments, and while it rolls something out. */
async function takeTurn({ context, loaded }: Following): Promise<(() => void) | null> {
  const until = context.nowMs() + patienceMs
  for (;;) {
    const endTurn = context.takeTurn(loaded, 'git')
    if (endTurn !== null || context.nowMs() > until || context.stop.aborted) return endTurn
    await context.wait(500, context.stop)
  }
}

async function approve(
  follow: Following,
  typed: string,
  options: ApproveOptions,
): Promise<ExitCode> {
  const { terminal } = follow.context
  const seen = await lookForCommit(follow)
  const refusal = whyNot(seen, typed)
  if (refusal !== null) {
    terminal.say(`timeball: ${refusal}; nothing was changed`)
    return exitCodes.conflict
  }
  const { newest, running } = seen
  if (newest === null) return exitCodes.done
  const plan = await planOf(follow, newest.commit.id, running?.id ?? null)
  if (!plan.ok) {
    terminal.say(`timeball: ${plan.failure}; nothing was changed`)
    return exitCodes.conflict
  }
  const { lines, hash } = plan.value
  if (options.plan !== undefined && options.plan !== hash) {
    terminal.say(`timeball: the plan is ${hash} now, and not ${options.plan}; nothing was changed`)
    terminal.say(`    look at it: timeball approve ${shortId(newest.commit.id)}`)
    return exitCodes.conflict
  }
  if (options.plan === undefined) {
    for (const line of lines) terminal.out(line)
    terminal.out(`plan ${hash} of commit ${shortId(newest.commit.id)}: ${newest.commit.subject}`)
    const answer = await terminal.confirm('Make it the desired state, and roll it out?')
    if (answer === null) {
      return refuse(terminal, [usageProblem('approve needs an answer', `add --plan ${hash}`)])
    }
    if (!answer) return exitCodes.declined
  }
  return tell(follow, await takeCommit(follow, newest.commit))
}

function tell({ context: { terminal } }: Following, { newest, running }: GitMemory): ExitCode {
  if (newest !== null) {
    terminal.say(`timeball: ${newestText(newest)}`)
    return newest.state === 'taken_back' ? exitCodes.unhealthy : exitCodes.conflict
  }
  terminal.say(`timeball: commit ${shortId(running?.id ?? '')} runs`)
  return exitCodes.done
}

/** `null`: it may be approved. */
function whyNot({ trouble, newest, running }: GitMemory, typed: string): string | null {
  if (trouble !== null) return trouble
  const names = (id: string | undefined): boolean =>
    typed.length >= 7 && id?.startsWith(typed.toLowerCase()) === true
  if (newest === null) {
    return names(running?.id) ? null : 'there is no newer commit than the one that runs'
  }
  if (!names(newest.commit.id)) {
    return `${typed} is not the newest commit, which is ${shortId(newest.commit.id)}`
  }
  return newest.state === 'pending' ? null : newestText(newest)
}
