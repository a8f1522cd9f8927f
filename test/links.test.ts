/** Links between the pages lead somewhere, and docs/README.md leads to every page. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { anchorOf } from '../site/anchor.ts'

const root = join(import.meta.dirname, '..')
const paths = globSync('{*.md,docs/**/*.md,lab/*.md,lab/embedded/*.md,time-server/*.md}', {
  cwd: root,
})

/** A page without its blocks of code, in which nothing is a link or a heading. */
function proseOf(path: string): string {
  return readFileSync(join(root, path), 'utf8').replaceAll(/^```\w*\n[^]*?^```/gm, '')
}

function anchorsOf(path: string): readonly string[] {
  const seen = new Map<string, number>()
  return [...proseOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const anchor = anchorOf(heading.replaceAll(/`|\*\*|\[([^\]]*)\]\([^)]*\)/g, '$1'))
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}

interface Link {
  readonly from: string
  readonly target: string
}

function linksOf(path: string): readonly Link[] {
  const prose = proseOf(path).replaceAll(/`[^`\n]*`/g, '``')
  const written = [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
  return written
    .map(([, markdown, html]) => ({ from: path, target: markdown ?? html ?? '' }))
    .filter(({ target }) => !/^https?:/.test(target))
}

/** What is wrong with it; `null`: nothing. */
function mistakeIn({ from, target }: Link): string | null {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? from : normalize(join(dirname(from), file))
  if (!existsSync(join(root, path))) return `${from}: ${target} does not exist`
  if (anchor === undefined) return null
  return anchorsOf(path).includes(anchor) ? null : `${from}: ${target} has no such heading`
}

test('every link leads to a file that is there, and to a heading that it has', () => {
  const links = paths.flatMap(linksOf)
  assert.ok(links.length > 100)
  assert.deepEqual(
    links.map(mistakeIn).filter((mistake) => mistake !== null),
    [],
  )
  assert.notEqual(mistakeIn({ from: 'README.md', target: 'docs/nothing.md' }), null)
  assert.notEqual(mistakeIn({ from: 'README.md', target: 'docs/clock.md#nothing' }), null)
})

test('docs/README.md leads to every page, each once; runbooks and decisions have lists of their own', () => {
  const listed = [...proseOf('docs/README.md').matchAll(/^- \[[^\]]+\]\(([\w./-]+\.md)\)/gm)]
  const pages = globSync('docs/*.md', { cwd: root }).filter((path) => path !== 'docs/README.md')
  assert.deepEqual(listed.map(([, path = '']) => join('docs', path)).toSorted(), pages.toSorted())
})

test('pages are Markdown that a forge shows: a title first, and no HTML but comments and pictures', () => {
  for (const path of paths.filter((each) => statSync(join(root, each)).isFile())) {
    assert.match(readFileSync(join(root, path), 'utf8'), /^# \S/, path)
    const tags = proseOf(path).replaceAll(/`[^`\n]*`|<!--[^]*?-->/g, '')
    assert.doesNotMatch(tags, /<(?!\/?(?:picture|source|img)\b)[a-z]/i, path)
  }
})

function cellsOf(row: string): number {
  return row.split(/(?<!\\)\|/).length
}

test('every row of a table has the cells of its head', () => {
  const wrong = paths.flatMap((path) => {
    const tables = proseOf(path).match(/(?:^\|.*\n)+/gm) ?? []
    return tables.flatMap((table) => {
      const rows = table.trimEnd().split('\n')
      const [head = ''] = rows
      return rows.filter((row) => cellsOf(row) !== cellsOf(head)).map((row) => `${path}: ${row}`)
    })
  })
  assert.deepEqual(wrong, [])
})
