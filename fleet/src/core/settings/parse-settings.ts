/** `fleet.yaml` -> `Settings`, with every mistake at its line and column. */
import {
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from 'yaml'
import { z } from 'zod'
import { nearest } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Settings, SettingsSchema } from './settings.ts'

const maxBytes = 1 << 20

/** A `fleet.yaml` that is YAML; what it says is not judged yet. */
export interface SettingsText {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
  readonly content: unknown
}

/** Aliases, which can explode, are refused. */
export function readSettingsText(
  file: string,
  text: string,
): Result<SettingsText, readonly Problem[]> {
  if (text.length > maxBytes) {
    return fail([{ file, line: null, column: null, what: 'is larger than 1 MiB', fix: null }])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  // A tag that is not known is only a warning to the parser, and would be read as something else.
  const mistakes = [...document.errors, ...document.warnings]
  if (mistakes.length > 0) {
    return fail(
      mistakes.map((error) => {
        const { line, col } = lines.linePos(error.pos[0])
        return { file, line, column: col, ...yamlMistake(error) }
      }),
    )
  }
  const alias = firstAlias(document)
  if (alias !== null) {
    const { line, col } = lines.linePos(alias)
    const what = 'aliases (*name) are not read in settings'
    return fail([{ file, line, column: col, what, fix: 'write the value out' }])
  }
  const odd = firstOddKey(document)
  if (odd !== null) {
    const { line, col } = lines.linePos(odd)
    return fail([{ file, line, column: col, what: 'a list or mapping is no key', fix: null }])
  }
  const content: unknown = document.toJS() ?? {}
  return ok({ file, document, lines, content })
}

/** All problems of the file at once. */
export function checkSettings(
  text: SettingsText,
  schema: SettingsSchema,
): Result<Settings, readonly Problem[]> {
  // Compiling the schema costs more than the one file that it would read.
  const parsed = schema.safeParse(text.content, { reportInput: true, jitless: true })
  if (parsed.success) return ok(parsed.data)
  const around: Surroundings = {
    file: text.file,
    place: (path, key) => placeOf(text, path, key),
    words: (path) => keysAt(schema, path),
  }
  return fail(parsed.error.issues.flatMap((issue) => describeIssue(issue, around)))
}

function yamlMistake({ code, message }: YAMLError): Pick<Problem, 'what' | 'fix'> {
  const [sentence = code] = message.split(/ at line \d/)
  const what = sentence.replace(/[:.]$/, '')
  if (code === 'TAB_AS_INDENT') return { what, fix: 'indent with spaces' }
  if (code === 'DUPLICATE_KEY') return { what: 'this key is there twice', fix: 'keep one of them' }
  if (code === 'MULTIPLE_DOCS') return { what: 'a second document begins here', fix: 'remove ---' }
  return { what, fix: null }
}

function firstAlias(document: Document): number | null {
  let offset: number | null = null
  visit(document, {
    Alias(_key, node) {
      offset = node.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

/** The parser would make text of it, and say so on its own. */
function firstOddKey(document: Document): number | null {
  let offset: number | null = null
  visit(document, {
    Pair(_key, { key }) {
      if (key === null || isScalar(key)) return
      offset = hasRange(key) ? key.range[0] : 0
      return visit.BREAK
    },
  })
  return offset
}

/** Where a setting is written; the nearest group around it where it is not. */
export function placeOf(
  { document, lines }: SettingsText,
  path: readonly PropertyKey[],
  key?: string,
): Pick<Problem, 'line' | 'column'> {
  const { line, col } = lines.linePos(offsetOf(document, path, key))
  return { line, column: col }
}

interface Surroundings {
  readonly file: string
  /** Where the value at a path is, or its key. */
  place(path: readonly PropertyKey[], key?: string): Pick<Problem, 'line' | 'column'>
  /** The keys that are known at a path. */
  words(path: readonly PropertyKey[]): string[]
}

function describeIssue(issue: z.core.$ZodIssue, around: Surroundings): Problem[] {
  const { file } = around
  const at = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  if (issue.code === 'invalid_union') {
    const inner = meantBranch(issue)
    if (inner.length > 0) return inner.flatMap((each) => describeIssue(each, around))
  }
  if (issue.code !== 'unrecognized_keys') {
    const fix = issue.code === 'invalid_value' ? meantValue(issue) : quotesFix(issue)
    return [{ file, ...around.place(issue.path), what: `${at}${reason(issue)}`, fix }]
  }
  const words = around.words(issue.path)
  return issue.keys.map((key) => {
    const near = nearest(key, words)
    const fix = near === null ? `known here: ${words.join(', ')}` : `did you mean ${near}?`
    return { file, ...around.place(issue.path, key), what: `${at}unknown key ${key}`, fix }
  })
}

function meantValue({ input, values }: z.core.$ZodIssueInvalidValue): string | null {
  const near = typeof input === 'string' ? nearest(input, values.map(String)) : null
  return near === null ? null : `did you mean ${near}?`
}

/** YAML reads `3.10` as a number, and another one than was meant. */
function quotesFix(issue: z.core.$ZodIssue): string | null {
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return null
  const isPlain = typeof issue.input === 'number' || typeof issue.input === 'boolean'
  return isPlain && isZods(issue) ? 'write it in quotes' : null
}

function isWrongType({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length === 0
}

/** The issues of the branch whose type is right, with whole paths; none when no type is. */
function meantBranch(union: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const branch = union.errors.find((issues) => !issues.some(isWrongType)) ?? []
  return branch.map((issue) => ({ ...issue, path: [...union.path, ...issue.path] }))
}

const wanted: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['boolean', 'true or false'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['object', 'a mapping'],
  ['record', 'a mapping'],
  ['array', 'a list'],
])

/** `null`: it is not about a bound. */
function boundText(issue: z.core.$ZodIssue): string | null {
  if (issue.code === 'too_small') {
    return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum} is wanted`
  }
  if (issue.code !== 'too_big') return null
  return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum} is wanted`
}

/** Zod's own words where it says what is wanted, ours where it says only what is not. */
function reason(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') return 'a text, or a mapping with ref, is wanted'
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  if (issue.code === 'invalid_value') return choices(issue.values)
  if (!isZods(issue)) return issue.message
  const bound = boundText(issue)
  if (bound !== null) return bound
  if (issue.code !== 'invalid_type') return issue.message
  if (issue.message.endsWith('undefined')) return 'is missing'
  return `${wanted.get(issue.expected) ?? issue.expected} is wanted`
}

/** Where the schema has words of its own, they do not begin like this. */
function isZods({ message }: z.core.$ZodIssue): boolean {
  return /^(?:Invalid input|Too small|Too big)/.test(message)
}

function choices(values: readonly unknown[]): string {
  return `${values.length === 1 ? '' : 'one of '}${values.join(', ')} is wanted`
}

function keysAt(schema: SettingsSchema, path: readonly PropertyKey[]): string[] {
  // What a section's default is made of has no JSON Schema, and no keys.
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  let schemas: z.core.JSONSchema.BaseSchema[] = [root]
  for (const step of path) {
    schemas = schemas
      .map((schema) => schema.properties?.[String(step)])
      .filter((schema) => typeof schema === 'object')
      .flatMap((schema) => [schema, ...(schema.anyOf ?? [])])
      .filter((schema) => typeof schema === 'object')
  }
  return schemas.flatMap((schema) => Object.keys(schema.properties ?? {}))
}

/** Offset of the node at `path`, or of its key `key`; of the nearest parent that exists. */
function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true)
    if (key !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0
    }
    if (hasRange(node)) return node.range[0]
  }
  return 0
}

function hasRange(node: unknown): node is { range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
