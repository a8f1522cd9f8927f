/** Devices that could not be planned, as text: those with the same failure together. */
import type { Failure, FailureCode } from '../failure.ts'
import type { StyledLine } from './format-plan.ts'
import { foldNames } from './names.ts'

export interface FailedDevice {
  readonly device: string
  readonly failure: Failure
}

/** `wayOn` is what to do about a failure; said once, however many devices have it. */
export function failedLines(
  failed: readonly FailedDevice[],
  wayOn: (code: FailureCode) => string,
): StyledLine[] {
  const groups = Map.groupBy(failed, ({ failure }) => failure.code)
  return [...groups].flatMap(([code, members]): StyledLine[] => {
    const names = foldNames(members.map(({ device }) => device))
    const count = members.length === 1 ? '' : ` (${members.length})`
    return [
      { style: 'plain', text: '' },
      { style: 'warning', text: `? ${names}${count}: not planned (${code})` },
      ...detailsOf(members).map((text): StyledLine => ({ style: 'plain', text: `    ${text}` })),
      { style: 'plain', text: `    -> ${wayOn(code)}` },
    ]
  })
}

/** The same words of several devices are said once. */
function detailsOf(members: readonly FailedDevice[]): string[] {
  const details = Map.groupBy(members, ({ failure }) => failure.detail)
  return [...details].map(([detail, same]) =>
    same.length === members.length
      ? detail
      : `${foldNames(same.map(({ device }) => device))}: ${detail}`,
  )
}
