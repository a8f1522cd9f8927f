/** Sentences with a word before each that says what they are about. */
import { formatTable, type Cell, type Column, type TableLayout } from './table.ts'

export interface Topic {
  /** Shown once where the next ones are about the same. */
  readonly topic: string
  readonly text: string
  readonly tone: Cell['tone']
}

const columns: readonly Column<Topic>[] = [
  { title: '', align: 'left', shrink: false, cell: ({ topic }) => topic },
  { title: '', align: 'left', shrink: true, cell: ({ text, tone }) => ({ text, tone }) },
]

/** Aligned, and wrapped between words. */
export function formatTopics(topics: readonly Topic[], layout: TableLayout): readonly string[] {
  const named = topics.map((each, index) =>
    each.topic === topics[index - 1]?.topic ? { ...each, topic: '' } : each,
  )
  const [, ...lines] = formatTable(named, columns, layout)
  return lines
}
