/** A template into its pieces: text, and expressions as words. Source: jinja2/lexer.py of 3.1. */
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import type { Value } from '../value.ts'
import { type Trouble, mistaken, unsupported } from './trouble.ts'

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly tokens: readonly Token[]; readonly source: string }

export type Token =
  | { readonly kind: 'constant'; readonly value: Value; readonly text: string }
  | { readonly kind: 'name' | 'operator'; readonly text: string }

/** Whether Ansible would take the text for a template. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#')
}

/**
 * The pieces of a template. Line breaks are made `\n`, and one at the end is left out, as Jinja does;
 * statements are not supported.
 */
export function lexTemplate(template: string): Result<readonly Piece[], Trouble> {
  const lines: Source = {
    text: template.replace(/\r\n?/g, '\n').replace(/\n$/, ''),
    at: 0,
  }
  const pieces: Piece[] = []
  const addText = (text: string): void => {
    if (text !== '') pieces.push({ kind: 'text', text })
  }
  for (;;) {
    const open = nextOpening(lines)
    if (open === null) break
    const isTrimmed = lines.text[open + 2] === '-'
    const before = lines.text.slice(lines.at, open)
    addText(isTrimmed ? before.trimEnd() : before)
    const kind = lines.text[open + 1]
    if (kind === '%') return fail(unsupported('uses a Jinja statement {% %}'))
    lines.at = open + (isTrimmed || lines.text[open + 2] === '+' ? 3 : 2)
    const piece = kind === '#' ? skipComment(lines) : lexExpression(lines)
    if (!piece.ok) return piece
    if (piece.value !== null) pieces.push(piece.value)
  }
  addText(lines.text.slice(lines.at))
  return ok(pieces)
}

interface Source {
  readonly text: string
  at: number
}

function nextOpening({ text, at }: Source): number | null {
  const found = ['{{', '{%', '{#'].map((opening) => text.indexOf(opening, at))
  const places = found.filter((place) => place >= 0)
  return places.length === 0 ? null : Math.min(...places)
}

/** Ansible's `trim_blocks` also takes the line break after a comment. */
function skipComment(source: Source): Result<null, Trouble> {
  const close = source.text.indexOf('#}', source.at)
  if (close < 0) return fail(mistaken('has a comment without a closing #}'))
  const isTrimmed = source.text[close - 1] === '-' && close - 1 >= source.at
  source.at = close + 2
  if (isTrimmed) skip(source, /\s*/y)
  else skip(source, /\n?/y)
  return ok(null)
}

function lexExpression(source: Source): Result<Piece, Trouble> {
  const start = source.at
  const tokens: Token[] = []
  const open: string[] = []
  for (;;) {
    skip(source, /\s*/y)
    const end = source.at
    if (open.length === 0 && skipClosing(source)) {
      return ok({ kind: 'expression', tokens, source: source.text.slice(start, end).trim() })
    }
    const token = lexToken(source)
    if (!token.ok) return token
    tokens.push(token.value)
    const mistake = balance(open, token.value)
    if (mistake !== null) return fail(mistake)
    if (tokens.length > mostTokens)
      return fail(unsupported('is longer than an expression should be'))
  }
}

/** `-}}` takes the blanks after it. */
function skipClosing(source: Source): boolean {
  const close = take(source, /-?\}\}/y)
  if (close?.startsWith('-') === true) skip(source, /\s*/y)
  return close !== null
}

const mostTokens = 2000

/** Keeps the brackets that are open; a `}}` inside of them does not end the expression. */
function balance(open: string[], { kind, text }: Token): Trouble | null {
  if (kind !== 'operator') return null
  const closing = new Map([
    ['(', ')'],
    ['[', ']'],
    ['{', '}'],
  ]).get(text)
  if (closing !== undefined) open.push(closing)
  const isClosing = text === ')' || text === ']' || text === '}'
  return isClosing && open.pop() !== text ? mistaken(`has a "${text}" too many`) : null
}

function take(source: Source, pattern: RegExp): string | null {
  pattern.lastIndex = source.at
  const found = pattern.exec(source.text)?.[0] ?? null
  if (found !== null) source.at += found.length
  return found
}

function skip(source: Source, pattern: RegExp): void {
  take(source, pattern)
}

function lexToken(source: Source): Result<Token, Trouble> {
  if (source.at >= source.text.length) return fail(mistaken('has no closing }}'))
  const number = lexNumber(source)
  if (number !== null) return ok(number)
  const name = take(source, /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy)
  if (name !== null) return ok({ kind: 'name', text: name })
  if (/["']/.test(source.text[source.at] ?? '')) return lexString(source)
  const operator = take(source, /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y)
  if (operator !== null) return ok({ kind: 'operator', text: operator })
  return fail(mistaken(`has the character "${source.text[source.at] ?? ''}"`))
}

/** `1.` is a number and a dot here, and `a.1` is a look-up. */
function lexNumber(source: Source): Token | null {
  const isAfterDot = source.text[source.at - 1] === '.'
  const whole = take(source, /0[bB][01_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+|[0-9][0-9_]*/y)
  if (whole === null) return null
  const fraction = isAfterDot ? null : take(source, /\.[0-9][0-9_]*/y)
  const exponent = isAfterDot ? null : take(source, /[eE][-+]?[0-9][0-9_]*/y)
  const text = whole + (fraction ?? '') + (exponent ?? '')
  const digits = text.replaceAll('_', '').toLowerCase()
  const isWhole = fraction === null && exponent === null
  return { kind: 'constant', value: isWhole ? BigInt(digits) : Number(digits), text }
}

/**
 * Ansible doubles the backslashes in the texts of an expression, so that they stand for themselves;
 * one before the quote would then not keep the text open.
 */
function lexString(source: Source): Result<Token, Trouble> {
  const found = take(source, /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y)
  if (found === null) return fail(mistaken('has a text without a closing quote'))
  const text = found.slice(1, -1)
  const quote = found[0] ?? ''
  if (text.includes(`\\${quote}`)) return fail(mistaken(`has \\${quote} in a text`))
  return ok({ kind: 'constant', value: text, text: found })
}
