/** Line diffs for people: changed lines with their neighbours, the rest folded. */
import { structuredPatch } from 'diff'
import type { DiffLine } from './change.ts'

const contextLines = 1
const maxLines = 80

/** Differences of two texts; `before` is `null` when there was none. */
export function diffText(before: string | null, after: string): DiffLine[] {
  return before === null ? bounded(allNew(after)) : bounded(changedLines(before, after))
}

function allNew(text: string): DiffLine[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => ({ sign: '+', text: line }))
}

function changedLines(before: string, after: string): DiffLine[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: contextLines })
  return hunks.flatMap((hunk, index) => [
    ...(index === 0 ? [] : [folded]),
    ...hunk.lines.filter((line) => !line.startsWith('\\')).map(toDiffLine),
  ])
}

function bounded(lines: DiffLine[]): DiffLine[] {
  if (lines.length <= maxLines) return lines
  const rest: DiffLine = { sign: ' ', text: `… ${lines.length - maxLines} more lines` }
  return [...lines.slice(0, maxLines), rest]
}

/** What a device sends ends up on a terminal: no carriage returns, no marks that reorder text. */
const unprintable = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const folded: DiffLine = { sign: ' ', text: '…' }

function toDiffLine(line: string): DiffLine {
  const text = line.slice(1).replaceAll(unprintable, '\u{FFFD}')
  if (line.startsWith('+')) return { sign: '+', text }
  if (line.startsWith('-')) return { sign: '-', text }
  return { sign: ' ', text }
}
