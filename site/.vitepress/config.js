/**
 * The site is docs/ as it stands: docs/README.md is its first page, and the lists in it are the
 * navigation, so that a forge and the site show the same order.
 */
import { cpSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitepress'
import { anchorOf } from '../anchor.ts'

const docs = join(import.meta.dirname, '../../docs')
const source = process.env.SITE_SOURCE

function titleOf(path) {
  return /^# (.*)/.exec(readFileSync(join(docs, path), 'utf8'))?.[1].replaceAll('`', '') ?? path
}

function pagesOf(folder) {
  const paths = globSync(`${folder}/*.md`, { cwd: docs }).toSorted()
  return paths.map((path) => ({ text: titleOf(path), link: `/${path}` }))
}

function navigation() {
  const [, ...sections] = readFileSync(join(docs, 'README.md'), 'utf8').split('\n## ')
  const own = sections.map((section) => ({
    text: section.split('\n', 1)[0],
    items: Array.from(
      section.matchAll(/^- \[([^\]]+)\]\(([\w./-]+\.md)\)/gm),
      ([, text, path]) => ({
        text,
        link: `/${path}`,
      }),
    ),
  }))
  const runbooks = own.at(-1)
  return [
    ...own.slice(0, -1),
    { ...runbooks, items: [...runbooks.items, ...pagesOf('runbooks')], collapsed: true },
    { text: 'Decisions', items: pagesOf('decisions'), collapsed: true },
  ]
}

/** A link out of docs/ leads to the repository, or is its words alone where nobody said where that is. */
function outerLinks(md) {
  const open = md.renderer.rules.link_open
  md.renderer.rules.link_open = (...given) => {
    const [tokens, index, , { relativePath = '' }] = given
    const path = join(dirname(relativePath), tokens[index].attrGet('href') ?? '')
    if (!path.startsWith('../')) return open(...given)
    const target = path.slice('../'.length)
    return source === undefined ? '<a>' : `<a href="${md.utils.escapeHtml(`${source}/${target}`)}">`
  }
}

export default defineConfig({
  title: 'Timeball',
  description: 'Keeps a fleet of UTC time servers in time',
  base: process.env.SITE_BASE ?? '/',
  srcDir: './pages',
  outDir: './dist',
  cacheDir: './node_modules/.cache',
  rewrites: { 'README.md': 'index.md' },
  lastUpdated: false,
  markdown: {
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    config(md) {
      outerLinks(md)
      // Braces in code are no templates of Vue's.
      const { code_inline: code } = md.renderer.rules
      md.renderer.rules.code_inline = (...given) => code(...given).replace('<code', '<code v-pre')
    },
  },
  buildEnd({ outDir }) {
    for (const file of globSync('*.{json,1,svg}', { cwd: docs })) {
      cpSync(join(docs, file), join(outDir, file))
    }
  },
  themeConfig: {
    sidebar: navigation(),
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: false, next: false },
  },
})
