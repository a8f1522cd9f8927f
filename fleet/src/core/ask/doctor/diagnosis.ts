/** What `doctor` finds: one check, what is so, why that matters, and the line that mends it. */
import { formatTopics, type Topic } from '../../topics.ts'
import type { TableLayout } from '../../table.ts'
import { namesOf } from '../fold.ts'

export interface Diagnosis {
  /** A short name, such as `serial console`. */
  readonly check: string
  /** `unknown`: it could not be seen; never taken for well. */
  readonly level: 'ok' | 'warn' | 'bad' | 'unknown'
  /** A short printable phrase. */
  readonly text: string
  /** Why it matters, and a line to type or a sentence; `null` of what is well. */
  readonly why: string | null
  readonly mend: string | null
  /** `timeball apply` mends it, after a plan and a question. */
  readonly isApplied: boolean
}

/** Of one device, or of the machine of the operator. */
export interface Examined {
  readonly subject: string
  readonly diagnoses: readonly Diagnosis[]
}

export function well(check: string, text: string): Diagnosis {
  return { check, level: 'ok', text, why: null, mend: null, isApplied: false }
}

interface Mended {
  readonly level?: 'warn' | 'bad'
  readonly why: string
  readonly mend: string
  readonly isApplied?: boolean
}

export function ill(
  check: string,
  text: string,
  { level = 'bad', why, mend, isApplied = false }: Mended,
): Diagnosis {
  return { check, level, text, why, mend, isApplied }
}

export function unseen(check: string, text: string): Diagnosis {
  return { check, level: 'unknown', text, why: null, mend: null, isApplied: false }
}

const signs = {
  bad: { sign: '✗', tone: 'bad' },
  warn: { sign: '!', tone: 'warn' },
  unknown: { sign: '?', tone: 'dim' },
  ok: { sign: '✓', tone: 'good' },
} as const

const worstFirst: readonly Diagnosis['level'][] = ['bad', 'warn', 'unknown']

/** Worst first; subjects of which the same is to be said are one paragraph. What is well is a line. */
export function diagnosisLines(
  examined: readonly Examined[],
  layout: TableLayout,
): readonly string[] {
  const alike = Map.groupBy(examined, ({ diagnoses }) => JSON.stringify(diagnoses))
  return [...alike.values()].flatMap((group, index) => {
    const diagnoses = group[0]?.diagnoses ?? []
    const heading = namesOf(group.map(({ subject }) => subject))
    const found = worstFirst.flatMap((level) => diagnoses.filter((each) => each.level === level))
    const fine = diagnoses.filter(({ level }) => level === 'ok').map(({ check }) => check)
    const topics = [...found.flatMap(topicsOf), ...fineTopic(fine)]
    return [...(index === 0 ? [] : ['']), heading, ...formatTopics(topics, layout)]
  })
}

function topicsOf({ check, level, text, why, mend }: Diagnosis): readonly Topic[] {
  const { sign, tone } = signs[level]
  return [
    { topic: `  ${sign} ${check}`, text, tone },
    ...(why === null ? [] : [{ topic: '    why', text: why, tone: null }]),
    ...(mend === null ? [] : [{ topic: '    mend', text: mend, tone: null }]),
  ]
}

function fineTopic(checks: readonly string[]): readonly Topic[] {
  if (checks.length === 0) return []
  return [{ topic: `  ✓ well`, text: checks.join(', '), tone: 'good' }]
}
