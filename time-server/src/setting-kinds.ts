/** The kinds of values that a variable can have. Pure; a wrong value gives its fallback and a problem. */
import { isAddress } from '@timeball/lib/address.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** `problem` is one sentence that begins with the variable's name; `null` when all is well. */
export interface Reading<T> {
  readonly value: T
  readonly problem: string | null
}

/** `fallback` may lie outside `min`..`max`, and may be `null` where absence has a meaning. */
export interface NumberSetting<T extends number | null> {
  readonly name: string
  readonly fallback: T
  readonly min: number
  readonly max?: number
  readonly isWhole?: boolean
}

const words = new Map([
  ['yes', true],
  ['true', true],
  ['on', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['off', false],
  ['0', false],
])

/** `yes` or `no`; also the other spellings that YAML tools write, such as `True`. */
export function readFlag(
  environment: Environment,
  name: string,
  fallback: boolean,
): Reading<boolean> {
  const text = valueOf(environment, name)
  if (text === null) return fine(fallback)
  const value = words.get(text.toLowerCase())
  return value === undefined ? wrong(fallback, `${name} must be yes or no`) : fine(value)
}

/** A decimal number within bounds. */
export function readNumber<T extends number | null>(
  environment: Environment,
  setting: NumberSetting<T>,
): Reading<T | number> {
  const { name, fallback, min, max = Infinity, isWhole = false } = setting
  const text = valueOf(environment, name)
  if (text === null) return fine(fallback)
  const value = /^[+-]?\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN
  const kind = isWhole ? 'a whole number' : 'a number'
  const bounds = max === Infinity ? `of ${min} or more` : `from ${min} to ${max}`
  const isGood = value >= min && value <= max && (!isWhole || Number.isInteger(value))
  return isGood ? fine(value) : wrong(fallback, `${name} must be ${kind} ${bounds}`)
}

/** Printable text without blanks at its ends, at most 255 characters. */
export function readText(
  environment: Environment,
  name: string,
  fallback: string,
): Reading<string> {
  const text = valueOf(environment, name)
  if (text === null) return fine(fallback)
  const isGood = /^[\u0020-\u007e]{1,255}$/.test(text)
  return isGood ? fine(text) : wrong(fallback, `${name} must be printable ASCII text`)
}

/** One of a few words. */
export function readWord<T extends string>(
  environment: Environment,
  name: string,
  choices: readonly T[],
  fallback: T,
): Reading<T> {
  const text = valueOf(environment, name)?.toLowerCase()
  if (text === undefined) return fine(fallback)
  const choice = choices.find((each) => each === text)
  const problem = `${name} must be one of ${choices.join(', ')}`
  return choice === undefined ? wrong(fallback, problem) : fine(choice)
}

/** Host names or addresses between commas. They go into ntp.conf, so nothing else may get through. */
export function readServers(environment: Environment, name: string): Reading<readonly string[]> {
  const text = valueOf(environment, name)
  if (text === null) return fine([])
  const servers = text.split(',').map((server) => server.trim())
  const bad = servers.find((server) => !isAddress(server))
  if (bad !== undefined) {
    return wrong([], `${name} must be host names or addresses between commas, not "${bad}"`)
  }
  return fine([...new Set(servers)])
}

function valueOf(environment: Environment, name: string): string | null {
  const text = environment[name]?.trim()
  return text === undefined || text === '' ? null : text
}

/** A value that is right. */
export function fine<T>(value: T): Reading<T> {
  return { value, problem: null }
}

/** The fallback of a value that is not, and why. */
export function wrong<T>(value: T, problem: string): Reading<T> {
  return { value, problem }
}
