/** Typed reading of a device's inventory variables, with each mistake at its place in the file. */
import type { Resolved } from '@timeball/inventory/resolve-vars.ts'
import { itemsOf, type Value } from '@timeball/inventory/value.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { ownPrefix, type OwnVariable } from './own-variables.ts'

/** Reads variables of one device; after a mistake the default is used. */
export interface VariableReader {
  /** The variable with Timeball's prefix, else the one without; `undefined`: there is neither. */
  find(name: OwnVariable): Found | undefined
  /** Items of a YAML list, or of a text with commas; without blanks around them. */
  list(name: OwnVariable): readonly string[]
  flag(name: OwnVariable, fallback: boolean): boolean
  integer(name: OwnVariable, fallback: number, range: readonly [number, number]): number
  /** `null`: it is not there. */
  decimal(name: OwnVariable, range: readonly [number, number]): number | null
  refuse(name: OwnVariable, what: string, fix: string | null): void
}

export interface Found extends Resolved {
  /** The name that it is written with. */
  readonly name: string
}

const flagWords: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'on', 'true', 'y', '1'].map((word) => [word, true] as const),
  ...['no', 'off', 'false', 'n', '0'].map((word) => [word, false] as const),
])

export function variableReader(
  variables: ReadonlyMap<string, Resolved>,
  report: (problem: Problem) => void,
): VariableReader {
  const find = (name: OwnVariable): Found | undefined => {
    const written = [ownPrefix + name, name].find((each) => variables.has(each))
    const found = written === undefined ? undefined : variables.get(written)
    return found === undefined || written === undefined ? undefined : { ...found, name: written }
  }
  const valueOf = (name: OwnVariable): Value | undefined => find(name)?.value ?? undefined
  const refuse = (name: OwnVariable, what: string, fix: string | null): void => {
    const found = find(name)
    const at = found?.at ?? { file: 'inventory', line: null, column: null }
    report({ ...at, what: `${found?.name ?? name} ${what}`, fix })
  }
  return {
    find,
    refuse,
    list(name) {
      const value = valueOf(name) ?? ''
      const items = typeof value === 'string' ? value.split(',') : itemsOf(value)
      if (items?.every((item) => typeof item === 'string') === true) {
        return items.map((item) => item.trim()).filter((item) => item !== '')
      }
      refuse(name, 'is neither a list of texts nor a text with commas', null)
      return []
    },
    flag(name, fallback) {
      const value = valueOf(name) ?? fallback
      const isWord = typeof value === 'string' || typeof value === 'bigint'
      const flag = isWord ? flagWords.get(String(value).trim().toLowerCase()) : value
      if (typeof flag === 'boolean') return flag
      refuse(name, 'is neither yes nor no', 'write yes or no')
      return fallback
    },
    integer(name, fallback, [min, max]) {
      const value = valueOf(name) ?? BigInt(fallback)
      const isDigits = typeof value === 'string' && /^\s*\d{1,9}\s*$/.test(value)
      const number = isDigits || typeof value === 'bigint' ? Number(value) : Number.NaN
      if (number >= min && number <= max) return number
      refuse(name, `is not a whole number from ${min} to ${max}`, null)
      return fallback
    },
    decimal(name, [min, max]) {
      const value = valueOf(name)
      if (value === undefined) return null
      const isWritten = typeof value === 'string' && /^\s*-?\d{1,9}(?:\.\d{1,9})?\s*$/.test(value)
      const isNumber = typeof value === 'number' || typeof value === 'bigint'
      const number = isWritten || isNumber ? Number(value) : Number.NaN
      if (number >= min && number <= max) return number
      refuse(name, `is not a number from ${min} to ${max}`, null)
      return null
    },
  }
}
