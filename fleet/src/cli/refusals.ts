/** How each refusal is said, and the exit code that goes with it. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { Refusal, TakesBack } from '../app/operate/may-change.ts'
import { formatHolder } from '../core/rollout/lease.ts'
import { formatInstant } from '../core/rollout/show/times.ts'
import { shortDigests, shortHex } from '../core/short-digest.ts'
import type { Terminal } from './terminal.ts'

interface Said {
  readonly exit: ExitCode
  /** The first says what is in the way; the others what it is about and what to do. */
  readonly lines: readonly [string, ...string[]]
}

/** The table: one row for each kind. */
function said(refusal: Refusal): Said {
  const exit = exitCodes.conflict
  switch (refusal.kind) {
    case 'claimed': {
      const { holder } = refusal
      const by = `${formatHolder(holder)}, since ${formatInstant(holder.sinceUnixMs)}`
      return { exit, lines: [`the fleet is being changed by ${by}`, 'run again when it is done'] }
    }
    case 'unfinished': {
      const { rollout, status } = refusal.rollout
      const what = `rollout ${rollout} is not over: ${status.replace('-', ' ')}`
      return { exit, lines: [what, 'first: timeball rollout resume, abort or rollback'] }
    }
    case 'blocked': {
      const { rollout, why, image, atUnixMs, digest } = refusal.release
      const what = `the release is blocked, because rollout ${rollout} of it was rolled back: ${why}`
      const next = `when it may be applied again: timeball rollout unblock ${shortHex(digest)}`
      return { exit, lines: [what, `${image}, since ${formatInstant(atUnixMs)}`, next] }
    }
    case 'takes-back': {
      const { imageAsWritten } = refusal.rollout
      const next = `write ${imageAsWritten} into fleet.yaml, or take it back: --allow-rollback`
      return { exit, lines: [takesBackText(refusal), next] }
    }
  }
}

/** Also a warning, where nothing is changed. */
export function takesBackText({ rollout, image }: TakesBack): string {
  const moved = shortDigests(rollout.imageAsWritten)
  return `this takes back rollout ${rollout.rollout} of ${moved}: fleet.yaml still says ${shortDigests(image)}`
}

export function sayRefusal(terminal: Pick<Terminal, 'say'>, refusal: Refusal): ExitCode {
  const { exit, lines } = said(refusal)
  const [what, ...more] = lines
  terminal.say(`timeball: ${what}`)
  for (const line of more) terminal.say(`    ${line}`)
  return exit
}
