/** The site is built by its one command, and leads nowhere but to itself. The first run needs npm. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { before, test } from 'node:test'

const here = import.meta.dirname
const dist = join(here, 'dist')
const pages = new Map<string, string>()

before(() => {
  const built = spawnSync(join(here, 'build'), { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stdout + built.stderr)
  for (const path of globSync('**/*.html', { cwd: dist })) {
    pages.set(path, readFileSync(join(dist, path), 'utf8'))
  }
})

/** `null`: it is there. */
function mistakeIn(from: string, target: string): string | null {
  const [file = '', anchor = ''] = target.split('#')
  const path = file.startsWith('/') ? file.slice(1) : normalize(join(dirname(from), file))
  const name = file === '' ? from : path === '' || path.endsWith('/') ? `${path}index.html` : path
  if (!existsSync(join(dist, name))) return `${from}: ${target} does not exist`
  if (anchor === '' || pages.get(name)?.includes(`id="${decodeURIComponent(anchor)}"`) === true) {
    return null
  }
  return `${from}: ${target} has no such heading`
}

test('every page of docs/ is a page of the site', () => {
  const sources = globSync('**/*.md', { cwd: join(here, '../docs') })
  for (const path of sources) {
    const page = path === 'README.md' ? 'index.html' : path.replace(/\.md$/, '.html')
    assert.ok(pages.has(page), page)
  }
  assert.match(pages.get('index.html') ?? '', /href="\/runbooks\/ServiceDown\.html"/)
})

test('every link leads to a page and a heading that are there', () => {
  const mistakes: string[] = []
  for (const [path, html] of pages) {
    for (const [, target = ''] of html.matchAll(/<a\b[^>]*? href="([^"]*)"/g)) {
      const mistake = /^https?:/.test(target) ? null : mistakeIn(path, target)
      if (mistake !== null) mistakes.push(mistake)
    }
  }
  assert.deepEqual(mistakes, [])
  assert.notEqual(mistakeIn('index.html', '/nothing.html'), null)
  assert.notEqual(mistakeIn('index.html', '/clock.html#nothing'), null)
})

test('nothing of a page comes from elsewhere', () => {
  for (const [path, html] of pages) {
    const parts = [...html.matchAll(/<(?:script|link|img|source|iframe)\b[^>]*>/g)].flat()
    for (const part of parts)
      assert.doesNotMatch(part, /(?:src|href|srcset)="(?:https?:)?\/\//, path)
  }
  for (const path of globSync('**/*.css', { cwd: dist })) {
    const text = readFileSync(join(dist, path), 'utf8')
    assert.ok(!/url\(["']?(?:https?:)?\/\/|@import/.test(text), path)
  }
})
