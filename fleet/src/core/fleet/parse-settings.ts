/** `fleet.yaml` -> `Settings`, with every mistake at its line and column. */
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { z } from 'zod'
import { nearest } from '../nearest.ts'
import type { Problem } from '../problem.ts'
import { fail, ok, type Result } from '../result.ts'
import { settingsSchema, type Settings } from './settings.ts'

const maxBytes = 1 << 20

/** The settings of a fleet without `fleet.yaml`. */
export function defaultSettings(): Settings {
  return settingsSchema.parse({})
}

/** All problems of the file at once. Aliases, which can explode, are refused. */
export function parseSettings(file: string, text: string): Result<Settings, readonly Problem[]> {
  if (text.length > maxBytes) {
    return fail([{ file, line: null, column: null, what: 'is larger than 1 MiB', fix: null }])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    return fail(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0])
        const what = error.message.split(/ at line \d/)[0] ?? error.code
        return {
          file,
          line,
          column: col,
          what: what.replace(/[:.]$/, ''),
          fix: yamlFix(error.code),
        }
      }),
    )
  }
  const alias = firstAlias(document)
  if (alias !== null) {
    const { line, col } = lines.linePos(alias)
    const what = 'aliases (*name) are not read in settings'
    return fail([{ file, line, column: col, what, fix: 'write the value out' }])
  }
  const content: unknown = document.toJS() ?? {}
  const parsed = settingsSchema.safeParse(content)
  if (parsed.success) return ok(parsed.data)
  const place = (path: readonly PropertyKey[], key?: string): Pick<Problem, 'line' | 'column'> => {
    const offset = offsetOf(document, path, key)
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  return fail(parsed.error.issues.flatMap((issue) => describeIssue(file, issue, place)))
}

function yamlFix(code: string): string | null {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces'
  if (code === 'DUPLICATE_KEY') return 'keep one of them'
  return null
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

type Place = (path: readonly PropertyKey[], key?: string) => Pick<Problem, 'line' | 'column'>

function describeIssue(file: string, issue: z.core.$ZodIssue, place: Place): Problem[] {
  const at = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  if (issue.code !== 'unrecognized_keys') {
    return [{ file, ...place(issue.path), what: `${at}${reason(issue)}`, fix: null }]
  }
  return issue.keys.map((key) => {
    const words = keysAt(issue.path)
    const near = nearest(key, words)
    const fix = near === null ? `known here: ${words.join(', ')}` : `did you mean ${near}?`
    return { file, ...place(issue.path, key), what: `${at}unknown key ${key}`, fix }
  })
}

/** The first concrete message; a union's own message says only that nothing matched. */
function reason(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') return 'a text, or a mapping with ref, is wanted'
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1)
}

/** The schema as JSON Schema: for editors, and for the list of keys that are known at a path. */
export function settingsJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(settingsSchema, { io: 'input' })
}

function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: z.core.JSONSchema.BaseSchema | undefined = settingsJsonSchema()
  for (const step of path) {
    const next: z.core.JSONSchema.BaseSchema | boolean | undefined =
      schema?.properties?.[String(step)]
    schema = typeof next === 'object' ? next : undefined
  }
  return Object.keys(schema?.properties ?? {})
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
