/** What the asking commands share: ask side by side, show who is waited for, and say who failed. */
import { explain } from '../../api/explain.ts'
import { answerRecord } from '../../api/records/ask-records.ts'
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { askMany } from '../../app/ask/ask-many.ts'
import type { Answered } from '../../core/ask/answer.ts'
import { isWell } from '../../core/ask/answer.ts'
import { namesOf, troubleOfAnswers } from '../../core/ask/fold.ts'
import type { Question } from '../../core/bundle/ask.ts'
import type { Context } from '../context.ts'
import type { Records } from '../records.ts'
import type { Reached } from '../start.ts'

/** In the order of the fleet. With `records` each answer is written as it comes. */
export async function askFleet(
  { terminal, stop, abort }: Context,
  { loaded, devices, outside }: Reached,
  question: Question,
  records: Records | null,
): Promise<readonly Answered[]> {
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
  return devices.flatMap(({ name }) => answers.get(name) ?? [])
}

/** Says who failed and why, and gives the exit code. */
export function endOf({ terminal, stop }: Context, answers: readonly Answered[]): ExitCode {
  const trouble = troubleOfAnswers(answers, explain)
  if (trouble.length > 0) {
    const count = answers.filter((each) => !isWell(each)).length
    terminal.say(`timeball: ${count} of ${answers.length} failed`)
    for (const line of trouble) terminal.say(`    ${line}`)
  }
  if (stop.aborted) return exitCodes.interrupted
  return trouble.length > 0 ? exitCodes.devicesFailed : exitCodes.done
}
