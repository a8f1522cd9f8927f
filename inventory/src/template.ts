/**
 * The part of Jinja that an inventory may use here: a variable or a dotted path in `{{ }}`. What
 * else Ansible would evaluate is named as not supported, instead of being evaluated differently.
 */
import { type Result, fail, ok } from '@timeball/lib/result.ts'

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: readonly string[] }

/** Whether Ansible would take the text for a template. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#')
}

/** The parts of a template, or what about it is not supported. */
export function parseTemplate(text: string): Result<readonly TemplatePart[], string> {
  if (text.includes('{%')) return fail('Jinja statements {% %} are not supported')
  if (text.includes('{#')) return fail('Jinja comments {# #} are not supported')
  const parts: TemplatePart[] = []
  let position = 0
  for (;;) {
    const open = text.indexOf('{{', position)
    if (open < 0) break
    const close = text.indexOf('}}', open)
    if (close < 0) return fail('the template has no closing }}')
    const path = parsePath(text.slice(open + 2, close))
    if (!path.ok) return path
    if (open > position) parts.push({ kind: 'text', text: text.slice(position, open) })
    parts.push({ kind: 'path', path: path.value })
    position = close + 2
  }
  if (position < text.length) parts.push({ kind: 'text', text: text.slice(position) })
  return ok(parts)
}

const supported =
  'only a variable or a dotted path is supported, such as {{ name }} or {{ gps.device }}'

function parsePath(text: string): Result<readonly string[], string> {
  const expression = text.trim()
  if (/^[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|\d+))*$/.test(expression)) {
    return reservedWords.has(expression)
      ? fail(`${expression} is a word of Jinja; ${supported}`)
      : ok(expression.split('.'))
  }
  return fail(`{{ ${expression} }} uses ${describe(expression)}; ${supported}`)
}

const reservedWords = new Set([
  'true',
  'false',
  'none',
  'True',
  'False',
  'None',
  'omit',
  'hostvars',
  'vars',
])

function describe(expression: string): string {
  if (expression === '') return 'nothing'
  const pipe = /\|\s*(\w+)/.exec(expression)
  if (pipe !== null) return `the filter "${pipe[1] ?? ''}"`
  const call = /(?<![\w.])([\w.]+)\s*\(/.exec(expression)
  if (call !== null) return `the function "${call[1] ?? ''}"`
  if (/^["'].*["']$/.test(expression)) return 'a text in quotes'
  return expression.includes('[') ? 'a subscript' : 'an expression'
}
