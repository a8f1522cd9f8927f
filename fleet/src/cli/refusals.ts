/** How each refusal is said, and the exit code that goes with it. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { Refusal, TakesBack } from '../app/operate/refusal.ts'
import type { TakeUpFailure } from '../app/rollout/conduct-rollout.ts'
import { foldNames } from '../core/plan/names.ts'
import { formatHolder } from '../core/rollout/lease.ts'
import { statusText } from '../core/rollout/show/status-view.ts'
import { formatInstant } from '../core/rollout/show/times.ts'
import { shortDigests, shortHex } from '../core/short-digest.ts'
import { formatSpan } from '@timeball/lib/duration.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import type { Terminal } from './terminal.ts'

interface Said {
  readonly exit: ExitCode
  /** The first says what is in the way; the others what it is about and what to do. */
  readonly lines: readonly [string, ...string[]]
}

/** The table: one row for each kind. */
function said(refusal: Refusal): Said {
  const exit = exitCodes.conflict
  if ('devices' in refusal) return { exit, lines: aboutDevices(refusal) }
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
    case 'frozen': {
      const next = 'wait, or give a reason: --override-freeze REASON'
      return { exit, lines: [`nothing may be started now: ${refusal.why}`, next] }
    }
    case 'quorum': {
      const [first, ...more] = refusal.problems.map(formatProblem)
      return { exit, lines: [first ?? 'too few good servers would be left', ...more] }
    }
    case 'impossible': {
      const { action, rollout, status, why } = refusal
      const is = statusText(status).text
      return { exit, lines: [`there is nothing to ${action}: rollout ${rollout} is ${is}; ${why}`] }
    }
    case 'broken-journal': {
      const what = `rollout ${refusal.rollout} cannot go on: events of its journal are broken`
      return { exit: exitCodes.failed, lines: [what, 'first: timeball rollout rollback or abort'] }
    }
  }
}

function aboutDevices(refusal: Extract<Refusal, { readonly devices: unknown }>): Said['lines'] {
  const names = foldNames(refusal.devices)
  switch (refusal.kind) {
    case 'stale':
      return [`the plan is stale: ${names} moved since it was saved; plan again`]
    case 'changed': {
      const next = 'put them back as they were, or end this one: timeball rollout abort'
      return [`the files of the fleet say something else now for ${names}`, next]
    }
    case 'elsewhere': {
      const ago = `${formatSpan(refusal.agoSeconds * 1_000)} ago`
      return [
        `another state directory changed ${names} ${ago}: somebody else may be at work`,
        'ask who; work with the same .timeball/, wait for 10 minutes, or: --allow-other-state',
      ]
    }
  }
}

/** Also a warning, where nothing is changed. */
export function takesBackText({ rollout, image }: TakesBack): string {
  const moved = shortDigests(rollout.imageAsWritten)
  return `this takes back rollout ${rollout.rollout} of ${moved}: fleet.yaml still says ${shortDigests(image)}`
}

/** Why a rollout does not go on by itself, and what to do, in one line. */
export function obstacleText(why: Refusal | TakeUpFailure): string {
  if (why.kind === 'image') return `the image could not be resolved: ${why.ref}: ${why.detail}`
  if (why.kind === 'problems') {
    const [first, ...more] = why.problems
    const what = first === undefined ? 'a setting is wrong' : `${first.file}: ${first.what}`
    return more.length === 0 ? what : `${what}; ${more.length} more`
  }
  return said(why).lines.join('; ')
}

export function sayRefusal(terminal: Pick<Terminal, 'say'>, refusal: Refusal): ExitCode {
  const { exit, lines } = said(refusal)
  const [what, ...more] = lines
  terminal.say(`timeball: ${what}`)
  for (const line of more) terminal.say(`    ${line}`)
  return exit
}
