/** What the asking commands share: ask side by side, show who is waited for, and say who failed. */
import { failureRecord } from '../../api/records/make-records.ts'
import { explain } from '../../api/explain.ts'
import type { OutputError } from '../../api/records/result-record.ts'
import { answerRecord } from '../../api/records/ask-records.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { askMany } from '../../app/ask/ask-many.ts'
import type { Answered } from '../../core/ask/answer.ts'
import { isWell } from '../../core/ask/answer.ts'
import { namesOf, reasonOf, troubleOfAnswers } from '../../core/ask/fold.ts'
import type { Question } from '../../core/bundle/ask.ts'
import type { Context } from '../context.ts'
import type { Records } from '../records.ts'
import { keepFailed } from '../keep-failed.ts'
import type { Reached } from '../start.ts'

/** In the order of the fleet. With `records` each answer is written as it comes. `@failed` is kept. */
export async function askFleet(
  context: Context,
  { loaded, devices, outside }: Reached,
  question: Question,
  records: Records | null,
): Promise<readonly Answered[]> {
  const { terminal, stop, abort } = context
  const asked = new Set<string>()
  const answers = new Map<string, Answered>()
  const show = (): void => {
    const waiting = [...asked].filter((name) => !answers.has(name))
    const whom = waiting.length === 0 ? '' : `; waiting for ${namesOf(waiting)}`
    terminal.progress(`${answers.size}/${devices.length} answered${whom}`)
  }
  const asking = {
    reach: { outside, abort },
    stop,
    parallel: loaded.fleet.settings.ssh.parallel,
    onStart(device: string): void {
      asked.add(device)
      show()
    },
  }
  for await (const answer of askMany(devices, question, asking)) {
    answers.set(answer.device, answer)
    records?.write(answerRecord(answer))
    show()
  }
  terminal.progress('')
  await keepFailed(context, loaded, failedOf([...answers.values()]))
  return devices.flatMap(({ name }) => answers.get(name) ?? [])
}

export function failedOf(answers: readonly Answered[]): readonly string[] {
  return answers.filter((each) => !isWell(each)).map(({ device }) => device)
}

/** Says who failed and why, and gives the exit code. */
export function endOf({ terminal, stop }: Context, answers: readonly Answered[]): ExitCode {
  const trouble = troubleOfAnswers(answers, explain)
  if (trouble.length > 0) {
    terminal.heard?.errors.push(...answers.flatMap(errorOf))
    terminal.say(`timeball: ${failedOf(answers).length} of ${answers.length} failed`)
    for (const line of trouble) terminal.say(`    ${line}`)
  }
  if (stop.aborted) return exitCodes.interrupted
  return trouble.length > 0 ? exitCodes.devicesFailed : exitCodes.done
}

function errorOf({ device, result }: Answered): readonly OutputError[] {
  if (!result.ok) return [{ device, ...failureRecord(result.failure) }]
  const message = reasonOf(result.value)
  return message === null ? [] : [{ code: 'exit', message, hint: null, device }]
}
