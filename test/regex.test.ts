/**
 * No regular expression is slow on any text. Devices, servers and registries choose what is matched,
 * and one slow match holds up leases, confirmations and everybody else.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseSync, Visitor, type Node } from 'oxc-parser'
import { hostileTexts, textOf, type Hostile } from './hostile-texts.ts'
import { stepCounter, type CountSteps } from './regex-steps.ts'

const root = join(import.meta.dirname, '..')
const files = globSync('{clock,fleet,inventory,lib,time-server}/src/**/*.ts', {
  cwd: root,
  exclude: ['**/node_modules/**', '**/*.test.ts', '**/test/**'],
})

interface Found {
  readonly place: string
  readonly regex: RegExp
}

function lookThrough(path: string): { literals: Found[]; made: number } {
  const text = readFileSync(join(root, path), 'utf8')
  const literals: Found[] = []
  let made = 0
  const isRegExp = (callee: Node): void => {
    if (callee.type === 'Identifier' && callee.name === 'RegExp') made++
  }
  new Visitor({
    Literal(node) {
      if (!('regex' in node)) return
      const { pattern, flags } = node.regex
      const line = text.slice(0, node.start).split('\n').length
      literals.push({ place: `${path}:${line}`, regex: new RegExp(pattern, flags) })
    },
    NewExpression: ({ callee }) => isRegExp(callee),
    CallExpression: ({ callee }) => isRegExp(callee),
  }).visit(parseSync(path, text).program)
  return { literals, made }
}

const found = files.map((path) => ({ path, ...lookThrough(path) }))

const size = 300
/** Above this for each character it is slow whatever it grows like. */
const mostSteps = 300

/** Twice the text may take twice the steps: a quadratic expression takes four times as many. */
function isSlow(count: CountSteps, hostile: Hostile): boolean {
  const once = count(textOf(hostile, size), size * mostSteps)
  const twice = count(textOf(hostile, 2 * size), 2 * size * mostSteps)
  return twice > 2 * size * mostSteps || twice > 2.5 * once + 10 * mostSteps
}

function slowText(regex: RegExp): Hostile | undefined {
  const count = stepCounter(regex)
  return hostileTexts(regex).find((hostile) => isSlow(count, hostile))
}

/**
 * Those that were found quick before, by this code: a minute's work for nothing, else. What cannot be
 * read or written there is found anew.
 */
function knownQuick(): { has(text: string): boolean; keep(texts: Iterable<string>): void } {
  const code = ['regex.test.ts', 'hostile-texts.ts', 'regex-steps.ts']
    .map((name) => readFileSync(join(import.meta.dirname, name)))
    .reduce((hash, text) => hash.update(text), createHash('sha256'))
    .digest('hex')
  const folder = join(root, 'node_modules/.cache')
  const path = join(folder, 'quick-regexes')
  const [by, ...quick] = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  const known = new Set(by === code ? quick : [])
  return {
    has: (text) => known.has(digestOf(text)),
    keep(texts) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(path, [code, ...[...texts].map(digestOf)].join('\n'))
    },
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

test('every regular expression takes steps in proportion to the text', () => {
  const seen = new Map<string, string>()
  for (const { place, regex } of found.flatMap(({ literals }) => literals)) {
    if (!seen.has(String(regex))) seen.set(String(regex), place)
  }
  assert.ok(seen.size > 100)
  const quick = knownQuick()
  const slow = [...seen].flatMap(([text, place]) => {
    if (quick.has(text)) return []
    const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? []
    const hostile = slowText(new RegExp(source, flags))
    return hostile === undefined ? [] : [`${place} ${text} on ${JSON.stringify(hostile)}`]
  })
  assert.deepEqual(slow, [])
  quick.keep(seen.keys())
})

test('regular expressions are literals, so that they are all seen here', () => {
  const made = found.filter(({ made }) => made > 0).map(({ path }) => path)
  assert.deepEqual(made, [])
})

const known: readonly (readonly [RegExp, 'slow' | 'quick'])[] = [
  [/Offending .*?key in (.+:\d+)/u, 'slow'],
  [/No .* host key is known for/u, 'slow'],
  [/\/+$/, 'slow'],
  [/(?<!\/)\/+$/, 'quick'],
  [/^(a|b|ab)*$/, 'slow'],
  [/^(?:a+)+$/, 'slow'],
  [/^(.*?)(\d+)(\D*)$/s, 'slow'],
  [/\[[^\]]*:/, 'slow'],
  [/(?:[^\s:[\]]|\[[^\]]*\])+/g, 'slow'],
  [/^[\w.]+:\d{1,5}$/, 'quick'],
  [/^(?:x{1,3})*$/, 'slow'],
  [/^(?:x|yy)*$/, 'quick'],
]
for (const [regex, speed] of known) {
  test(`the count finds ${regex} ${speed}`, () => {
    assert.equal(slowText(regex) === undefined ? 'quick' : 'slow', speed)
  })
}
