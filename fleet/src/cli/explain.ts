/** `timeball explain WORD`: what it means, what is normal, what to do. */
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { OutputRecord } from '../api/records/records.ts'
import { findAlert, findWord, vocabularies, wordsLike } from '../api/explanations/find-word.ts'
import { alertMeaning } from '../core/monitoring/alert-table.ts'
import { alertNames } from '../core/monitoring/alert-names.ts'
import { alerts } from '../core/monitoring/alerts/alerts.ts'
import type { TableLayout } from '../core/table.ts'
import { formatTopics, type Topic } from '../core/topics.ts'
import type { Context } from './context.ts'
import { refuse, usageProblem } from './problems.ts'
import { openRecords } from './records.ts'

export interface ExplainOptions {
  readonly json?: boolean
}

type ExplanationRecord = Extract<OutputRecord, { type: 'explanation' }>

export async function explainCommand(
  context: Context,
  word: string | undefined,
  { json }: ExplainOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const found = word === undefined ? [] : await explanationsOf(context, word)
  if (word !== undefined && found.length === 0) {
    const meant = wordsLike(word)
    const fix = meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : 'timeball explain'
    return refuse(terminal, [usageProblem(`nothing is called ${word}`, fix)])
  }
  const records = await openRecords(context, json)
  if (records !== null) {
    for (const record of found) records.write(record)
    return records.result(exitCodes.done, {})
  }
  const lines =
    word === undefined
      ? formatTopics(allWords(), terminal)
      : found.flatMap((each, index) => [...(index === 0 ? [] : ['']), ...linesOf(each, terminal)])
  for (const line of lines) terminal.out(line)
  return exitCodes.done
}

async function explanationsOf(context: Context, word: string): Promise<ExplanationRecord[]> {
  const words = findWord(word).map(({ explanation, ...named }): ExplanationRecord => ({
    ...{ type: 'explanation', runbook: null },
    ...named,
    ...explanation,
  }))
  const alert = findAlert(word)
  if (alert === null) return words
  const record: ExplanationRecord = {
    ...{ type: 'explanation', word: alert, kind: `alert, ${alerts[alert].severity}` },
    ...{ means: alertMeaning(alert), normal: null, next: null },
    runbook: await context.readRunbook(alert),
  }
  return [...words, record]
}

function linesOf(
  { word, kind, means, normal, next, runbook }: ExplanationRecord,
  layout: TableLayout,
): readonly string[] {
  const topics: readonly (readonly [topic: string, text: string | null])[] = [
    ['means', means],
    ['normal', normal],
    ['do', next],
  ]
  // The page has its name as its title, which was said already.
  const page = runbook === null ? [] : ['', ...runbook.trimEnd().split('\n').slice(2)]
  return [`${word} (${kind})`, ...formatTopics(topics.flatMap(topicOf), layout), ...page]
}

function topicOf([topic, text]: readonly [topic: string, text: string | null]): readonly Topic[] {
  return text === null ? [] : [{ topic: `  ${topic}`, text, tone: null }]
}

function allWords(): readonly Topic[] {
  const kinds: readonly (readonly [kind: string, words: readonly string[]])[] = [
    ...vocabularies.map(({ kind, words }) => [kind, [...words.keys()]] as const),
    ['alert', alertNames],
  ]
  return kinds.map(([topic, words]) => ({ topic, text: words.join(', '), tone: null }))
}
