/** What a command may do with the operator's screen. Text passes the redactor on its way out. */
import type { OutputError } from '../api/records/result-record.ts'
import type { StyledLine } from '../core/plan/format-plan.ts'
import type { Secret } from '../core/secrets/secret.ts'

export interface Heard {
  readonly errors: OutputError[]
  /** Messages for people. */
  readonly said: string[]
}

export interface Terminal {
  /** Data: tables, plans, JSON. */
  out(line: string): void
  /** Messages for people. */
  say(line: string): void
  outStyled(lines: readonly StyledLine[]): void
  /** One line that is replaced by the next; nothing where stderr is not a terminal. */
  progress(text: string): void
  /**
   * What is printed next, without waiting for anything, takes the place of the whole screen;
   * nothing where stdout is not a terminal.
   */
  clear(): void
  /** From now on these never appear in any output. */
  hide(secrets: readonly Secret[]): void
  /** `null` when nobody can be asked. */
  confirm(question: string): Promise<boolean | null>
  /** What is typed is not shown. `null` when nobody can be asked, or nothing is typed. */
  askHidden(question: string): Promise<string | null>
  /** Asked so on a terminal, else all of standard input, without the line break at its end. */
  readHidden(question: string): Promise<string | null>
  /** Of a command that was asked for JSON: what goes into its result when it did not do its work. */
  readonly heard?: Heard
  readonly color: boolean
  /** Columns of stdout; `null` when it is not a terminal. */
  readonly width: number | null
  readonly isInteractive: boolean
}
