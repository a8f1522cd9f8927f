/** Many answers as few paragraphs: devices that said the same are one. */
import { foldNames } from '../plan/names.ts'
import type { Answer, Answered } from './answer.ts'

export interface Fold {
  /** In the order of the fleet. */
  readonly devices: readonly string[]
  readonly answer: Answer
}

/** Answers that came, those of most devices first: what differs from the rest is nearest to the prompt. */
export function foldAnswers(answers: readonly Answered[]): readonly Fold[] {
  const folds = new Map<string, { devices: string[]; answer: Answer }>()
  for (const { device, result } of answers) {
    if (!result.ok) continue
    const { exit, output, isInTime, leftOutBytes } = result.value
    const key = JSON.stringify([exit, isInTime, leftOutBytes, output])
    const known = folds.get(key)
    if (known === undefined) folds.set(key, { devices: [device], answer: result.value })
    else known.devices.push(device)
  }
  return [...folds.values()].toSorted((a, b) => b.devices.length - a.devices.length)
}

/**
 * A line of names, and below it what they said, set in: no device can print a line that looks like
 * one of ours.
 */
export function linesOfFold({ devices, answer }: Fold): readonly string[] {
  const { output, leftOutBytes } = answer
  const said = output.endsWith('\n') ? output.slice(0, -1) : output
  const lines = said === '' ? [] : said.split('\n').map((line) => `  ${line}`.trimEnd())
  const more = leftOutBytes === 0 ? [] : [`  … ${leftOutBytes} bytes more were left out`]
  return [`${namesOf(devices)}${endingOf(answer)}`, ...lines, ...more]
}

export function namesOf(devices: readonly string[]): string {
  return devices.length === 1 ? (devices[0] ?? '') : `${foldNames(devices)} (${devices.length})`
}

function endingOf({ exit, isInTime }: Answer): string {
  if (!isInTime) return ': ended, its time was over'
  return exit === 0 ? ':' : `: exit ${exit}`
}

/** Who failed and why, one line for each reason; empty when all is well. */
export function troubleOfAnswers(
  answers: readonly Answered[],
  explain: (failure: Extract<Answered['result'], { ok: false }>['failure']) => string,
): readonly string[] {
  const reasons = new Map<string, string[]>()
  for (const { device, result } of answers) {
    const reason = result.ok ? reasonOf(result.value) : explain(result.failure)
    if (reason !== null) reasons.set(reason, [...(reasons.get(reason) ?? []), device])
  }
  return [...reasons].map(([reason, devices]) => `${namesOf(devices)}: ${reason}`)
}

/** Why an answer is none that was hoped for; `null`: it is one. */
export function reasonOf({ exit, isInTime }: Answer): string | null {
  if (!isInTime) return 'it took too long and was ended; --timeout gives it more'
  return exit === 0 ? null : `exit ${exit}`
}
