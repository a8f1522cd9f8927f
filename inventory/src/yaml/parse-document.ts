import { Composer, type Document, Lexer, LineCounter, Parser, type YAMLError } from 'yaml'
import type { Position } from '../value.ts'
import { type Problems, type SourceFile, checkSize } from './source.ts'

/** Nesting past this is an attack or an accident; it also bounds the recursion of the composer. */
const deepestNesting = 64

export interface ParsedDocument {
  readonly document: Document.Parsed
  /** The text that offsets point into: the file's without a byte order mark. */
  readonly text: string
  /** The file's position of an offset in its text. */
  readonly positionAt: (offset: number) => Position
}

/**
 * The YAML document of a file, or `null` when its syntax is wrong; then the problems say why. The
 * schema is the one where every scalar is text: `read-node.ts` gives scalars PyYAML's meaning.
 */
export function parseDocument(file: SourceFile, problems: Problems): ParsedDocument | null {
  if (!checkSize(file, problems)) return null
  const lines = new LineCounter()
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const text = file.text.replace(/^\uFEFF/, '')
  for (const match of text.matchAll(/\n/g)) lines.addNewLine(match.index + 1)
  if (lines.lineStarts[0] !== 0) lines.lineStarts.unshift(0)
  if (!checkCharacters(text, positionAt, problems)) return null

  const tokens = tokenize(text, positionAt, problems)
  if (tokens === null) return null
  const composer = new Composer({
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  })
  const documents = [...composer.compose(tokens, true, text.length)]
  const [document, second] = documents
  for (const error of documents.flatMap(mistakesOf)) {
    problems.add(
      positionAt(error.pos[0]),
      describeError(error.code, error.message),
      fixes[error.code] ?? null,
    )
  }
  if (second !== undefined) {
    problems.add(
      positionAt(second.range[0]),
      'the file has a second document',
      'Remove the --- line',
    )
  }
  return document === undefined || problems.list.length > 0 ? null : { document, text, positionAt }
}

/** Errors, and warnings of directives: libyaml refuses those; tags are looked at later. */
function mistakesOf(document: Document.Parsed): readonly YAMLError[] {
  const directives = document.warnings.filter((warning) => warning.code === 'BAD_DIRECTIVE')
  return [...document.errors, ...directives]
}

const fixes: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces',
  BAD_INDENT: 'Lines of one level start in the same column',
  MULTILINE_IMPLICIT_KEY: 'A key and its colon stand on one line; quote a text that contains ": "',
  BAD_SCALAR_START: 'Quote the text',
}

function describeError(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab is used as indentation'
  return `not valid YAML: ${(message.split('\n')[0] ?? '').replace(/[.:]$/, '')}`
}

/** The characters that PyYAML refuses, and the line breaks that only YAML 1.1 knows. */
function checkCharacters(
  text: string,
  positionAt: (offset: number) => Position,
  problems: Problems,
): boolean {
  const isForbidden =
    /[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u2028\u2029\ufeff]/u
  const found = isForbidden.exec(text)
  if (found !== null) {
    const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    problems.add(
      positionAt(found.index),
      `the file contains the control character U+${code}`,
      'Remove it',
    )
    return false
  }
  return true
}

type Token = ReturnType<Parser['next']> extends Generator<infer T> ? T : never

function tokenize(
  text: string,
  positionAt: (offset: number) => Position,
  problems: Problems,
): Token[] | null {
  const parser = new Parser()
  const tokens: Token[] = []
  let offset = 0
  let flow = 0
  let indicators = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') flow++
    if (lexeme === ']' || lexeme === '}') flow--
    if (lexeme === '-' || lexeme === '?') indicators++
    if (lexeme.includes('\n')) indicators = 0
    const deepest = Math.max(flow, indicators, parser.stack.length / 2)
    if (deepest > deepestNesting) {
      problems.add(positionAt(offset), 'the file is nested too deep', 'Write it flatter')
      return null
    }
    tokens.push(...parser.next(lexeme))
    if (!isMarker(lexeme)) offset += lexeme.length
  }
  tokens.push(...parser.end())
  return tokens
}

/** The lexer's own marks, which stand for no text: document, flow-error end, scalar, byte order. */
function isMarker(lexeme: string): boolean {
  return lexeme === '\u0002' || lexeme === '\u0018' || lexeme === '\u001f'
}
