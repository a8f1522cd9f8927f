/** What people read uses the field's words (docs/glossary.md), and not those that came before. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

/** What is wrong, and what to say instead. */
const oldWords: readonly (readonly [RegExp, string])[] = [
  [
    /\b(go|goes|going|gone|went) back\b(?! to sleep)/i,
    'the device reverts, the controller rolls back',
  ],
  [/\bway back\b/i, 'roll back'],
  [/\b(release|image)s? (is|are|was|were) held\b|\bheld release|\blifted\b/i, 'blocked, unblock'],
  [/\bkept (a release )?behind\b/i, 'held back'],
  [/\brungs?\b|\bladders?\b/i, 'gate, or check'],
  [/\blooks? in a row\b/i, 'consecutive checks'],
  [/\b(first|next|each|last|one|every|second) look\b/i, 'check or poll'],
  [/\bin motion\b/i, 'in progress'],
  [/says "?not now\b/i, 'not ready'],
  [/\bunclear\b/i, 'inconclusive'],
  [/\bcontrol device|\bits? control\b(?! (char|protocol))|\bcontrols (of|for) /i, 'baseline'],
  [/\b(serving|service) gaps?\b/i, 'downtime'],
  [/\bself-claimed\b|\bclaims? (to be|that it|stratum|itself)\b/i, 'self-reported'],
  [/\bas desired\b(?!:)/i, 'up to date'],
  [/\bcut it off\b/i, 'press Ctrl-C again to abort'],
]

const documents = globSync('{README.md,CONTRIBUTING.md,docs/**/*.md,lab/*.md}', {
  cwd: root,
}).filter((path) => !path.startsWith('docs/decisions/') && path !== 'docs/glossary.md')
// version-1.ts reads the words that journals had then.
const sources = globSync('{fleet,inventory,time-server,lib,clock}/src/**/*.{ts,sh}', {
  cwd: root,
}).filter((path) => !/\.test\.ts$|\/test\/|\.contract\.ts$|\/version-1\.ts$/.test(path))

/** Line by line; of programs the texts in quotes, since names follow when they are touched. */
function linesOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8')
  if (path.endsWith('.md')) return text.split('\n')
  return text.split('\n').map((line) => {
    if (/^\s*(\*|\/\*|\/\/|#)/.test(line)) return line
    return [...line.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`?/g)].join(' ')
  })
}

test('documents, comments and output use the words of the glossary', () => {
  const wrong = [...documents, ...sources].flatMap((path) =>
    linesOf(path).flatMap((line, index) =>
      oldWords.flatMap(([pattern, better]) => {
        const found = pattern.exec(line)?.[0]
        return found === undefined ? [] : [`${path}:${index + 1}: "${found}" -> ${better}`]
      }),
    ),
  )
  assert.ok(documents.length > 20 && sources.length > 200)
  assert.deepEqual(wrong, [])
})
