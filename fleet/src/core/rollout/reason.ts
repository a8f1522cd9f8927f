/** Why something was done or went wrong: what people and devices said, before anybody reads it. */
import { printable } from '@timeball/lib/printable.ts'

/** One line of at most 1,000 characters, without controls. */
export function reason(text: string): string {
  return printable(text, 1_000)
}
