/** What `timeball help environment` says. */
import type { TableLayout } from '../core/table.ts'
import { formatTopics } from '../core/topics.ts'
import { globalOptions } from './global-options.ts'

export function variableLines(layout: TableLayout): readonly string[] {
  const rows = [...globalOptions].map(([topic, { kind, flags, means }]) => ({
    ...{ topic, tone: null },
    text: `${kind === 'flag' ? '1 or 0, ' : ''}as ${flags}: ${means}`,
  }))
  return [...formatTopics(rows, layout), '', ...rules]
}

const rules = [
  'An option of the command line wins over its variable, and a variable over the',
  'default. An empty variable is as none. Any other name that begins with TIMEBALL_',
  'is refused. NO_COLOR is heard, too.',
]
