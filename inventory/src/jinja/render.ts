/** A template's result as Ansible's Templar gives it, with `jinja2_native` off, as by default. */
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { pythonText } from '../python/format.ts'
import { readLiteral } from '../python/literal.ts'
import { evaluate } from './evaluate.ts'
import type { Expression } from './expression.ts'
import { isTemplate, lexTemplate } from './lex.ts'
import { type Outcome, type Surroundings, deepValueOf, isSpecial, unrolled } from './operand.ts'
import { parseExpression } from './parse.ts'
import { type Trouble, unsupported } from './trouble.ts'

/** A text that is not a template is `null`. */
export type Template = Result<readonly Part[], Trouble> | null

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly source: string }

export function parseTemplate(text: string): Template {
  if (!isTemplate(text)) return null
  const pieces = lexTemplate(text)
  if (!pieces.ok) return pieces
  const parts: Part[] = []
  for (const piece of pieces.value) {
    if (piece.kind === 'text') parts.push(piece)
    else {
      const expression = parseExpression(piece.tokens)
      if (!expression.ok) return expression
      parts.push({ kind: 'expression', expression: expression.value, source: piece.source })
    }
  }
  return ok(parts)
}

/** What the parts come to; `text` is the template that they were made of. */
export function render(parts: readonly Part[], text: string, around: Surroundings): Outcome {
  const made: string[] = []
  for (const part of parts) {
    const found = part.kind === 'text' ? ok(part.text) : evaluate(part.expression, around)
    if (!found.ok) return found
    const isAlone = parts.length === 1
    if (isAlone && isSpecial(found.value) && found.value.kind === 'native-text') return found
    const value = deepValueOf(unrolled(found.value), around)
    if (!value.ok) return value
    made.push(value.value === null ? '' : pythonText(value.value))
  }
  const whole = made.join('')
  const trouble = around.spend(whole.length)
  return trouble === null ? readResult(whole, text) : fail(trouble)
}

/** A result that looks like a list, mapping or truth value is read as one (`ansible_eval_concat`). */
function readResult(whole: string, text: string): Outcome {
  if (/^[[{]/.test(whole) || whole === 'True' || whole === 'False') {
    const reading = readLiteral(whole, 'json')
    if (reading.kind === 'value') return ok(reading.value)
    if (reading.kind === 'unsupported') return fail(unsupported(`makes ${reading.what}`))
  }
  // Jinja leaves out a line break at the end, and Ansible puts back what the template had.
  const missing = lineBreaksAtEnd(text) - lineBreaksAtEnd(whole)
  return ok(missing > 0 ? whole + '\n'.repeat(missing) : whole)
}

function lineBreaksAtEnd(text: string): number {
  let count = 0
  while (count < text.length && text[text.length - 1 - count] === '\n') count++
  return count
}

/** The name of a template that is one variable and nothing else, `null` for others. */
export function singleName(text: string): string | null {
  const [, inner] = /^\{\{([^}]*)\}\}\n?$/.exec(text) ?? []
  const name = inner?.trim() ?? ''
  return /^[\p{L}\p{N}_]+$/u.test(name) ? name : null
}
