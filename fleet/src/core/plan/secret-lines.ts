/** Lines with secrets in the difference of two files, as people may see them. */
import type { DiffLine } from './change.ts'

const shownMask = '********'

/** `NAME=#DIGEST`: sha256 over the nonce of the observation and the value. */
const digested = /^(?<name>[^=]*)=#(?<digest>[0-9a-f]{64})$/

/** A secret that is not compared with another one. */
export function maskedSecret(): string {
  return shownMask
}

/**
 * A secret with another value is one line, `NAME replaced`, in the place of the new one: two equal
 * masks would say that nothing changes. All other secrets are masked.
 */
export function showSecretLines(lines: readonly DiffLine[]): DiffLine[] {
  const before = digests(lines, '-')
  const after = digests(lines, '+')
  return lines.flatMap((line): DiffLine[] => {
    const name = digested.exec(line.text)?.groups?.['name']
    if (name === undefined) return [line]
    const [old, fresh] = [before.get(name), after.get(name)]
    const isReplaced = old !== undefined && fresh !== undefined && old !== fresh
    if (!isReplaced || line.sign === ' ') return [{ ...line, text: `${name}=${shownMask}` }]
    return line.sign === '-' ? [] : [{ sign: '~', text: `${name} replaced` }]
  })
}

function digests(lines: readonly DiffLine[], sign: DiffLine['sign']): Map<string, string> {
  return new Map(
    lines
      .filter((line) => line.sign === sign)
      .flatMap(({ text }): [string, string][] => {
        const { name, digest } = digested.exec(text)?.groups ?? {}
        return name === undefined || digest === undefined ? [] : [[name, digest]]
      }),
  )
}
