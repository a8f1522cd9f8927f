import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { drawScreen, themes, type Look } from './draw-screen.ts'

const root = join(import.meta.dirname, '..')
const plain: Look = { color: null, isBold: false, isDim: false }

test('each word stands in its column, with its colour, and none is markup', () => {
  const line = [
    { column: 0, look: plain, text: 'a <b>  & ' },
    { column: 9, look: { ...plain, color: 1, isBold: true }, text: 'bad' },
  ]
  const drawn = drawScreen([line], 20, themes.dark).match(/<text.*/g)
  assert.deepEqual(drawn, [
    '<text x="16.0" y="30" textLength="42.0">a &lt;b></text>',
    '<text x="74.8" y="30" textLength="8.4">&amp;</text>',
    '<text x="91.6" y="30" textLength="25.2" fill="#ff7b72" font-weight="bold">bad</text>',
  ])
})

test('the README’s pictures are of the demo as it is now (site/picture makes them)', () => {
  const demo = readFileSync(join(root, 'fleet/src/main/demo.ts'), 'utf8')
  const last = [...demo.matchAll(/title\('(timeball rollout [^']*)'\)/g)].at(-1)?.[1] ?? ''
  const words = last.split(/ {2,}/)
  assert.ok(words.length > 1, last)
  for (const theme of ['light', 'dark']) {
    const picture = readFileSync(join(root, `docs/demo-${theme}.svg`), 'utf8')
    for (const each of words) assert.ok(picture.includes(`${each}</text>`), each)
    assert.match(picture, /pi-ntp-01 {2}canary|>pi-ntp-01</)
  }
})
