/**
 * The dashboards in core/monitoring/dashboards and their pictures in docs/dashboards.md are made by
 * fleet/dashboards. They are written anew with: node fleet/test/dashboards.test.ts --write
 */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { drawDashboard } from '../dashboards/draw.ts'
import { makeDashboards } from '../dashboards/make.ts'
import { dashboardSchema, panelsOf, type GrafanaDashboard } from './grafana-schema.ts'

const folder = join(import.meta.dirname, '../src/core/monitoring/dashboards')
const document = join(import.meta.dirname, '../../docs/dashboards.md')
const made = makeDashboards()
const parsed = new Map(
  [...made].map(([file, text]): [string, GrafanaDashboard] => [
    file,
    dashboardSchema.parse(JSON.parse(text)),
  ]),
)

if (process.argv.includes('--write')) {
  for (const [file, text] of made) await writeFile(join(folder, file), text)
  await writeFile(document, withPictures(await readFile(document, 'utf8')))
}
// What is imported is what was written.
const { dashboards } = await import('../src/core/monitoring/dashboards/dashboards.ts')

/** Between the marks of each dashboard stands its picture. */
function withPictures(text: string): string {
  return [...parsed].reduce((all, [file, dashboard]) => {
    const [begin, end] = [`<!-- ${file} -->\n`, `<!-- end of ${file} -->`]
    const [from, to] = [all.indexOf(begin), all.indexOf(end)]
    assert.ok(from >= 0 && to > from, `docs/dashboards.md has no place for ${file}`)
    return `${all.slice(0, from + begin.length)}${drawDashboard(dashboard)}\n${all.slice(to)}`
  }, text)
}

const again = 'write it anew with: node fleet/test/dashboards.test.ts --write'

test('the dashboards are what their maker makes', () => {
  const written = new Map(dashboards.map(({ file, json }) => [file, json]))
  assert.deepEqual([...written.keys()], [...made.keys()])
  for (const [file, text] of made) assert.equal(written.get(file), text, `${file}: ${again}`)
})

test('docs/dashboards.md shows how the dashboards are laid out now', async () => {
  const written = await readFile(document, 'utf8')
  assert.equal(written, withPictures(written), again)
})

test('no two dashboards have one uid or title', () => {
  const all = [...parsed.values()]
  assert.equal(new Set(all.map(({ uid }) => uid)).size, all.length)
  assert.equal(new Set(all.map(({ title }) => title)).size, all.length)
})

for (const [file, dashboard] of parsed) {
  test(`${file}: panels have ids of their own, and do not overlap`, () => {
    const { panels } = dashboard
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    const taken = new Map<string, number>()
    for (const { id, gridPos } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, `panel ${id} is out of the grid`)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          const other = taken.get(`${x} ${y}`)
          assert.equal(other, undefined, `panels ${id} and ${other} overlap at ${x} ${y}`)
          taken.set(`${x} ${y}`, id)
        }
      }
    }
    const height = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h))
    assert.equal(taken.size, height * 24, 'there are holes')
  })

  test(`${file}: every query has an id of its own, a legend, and no variable that is not there`, () => {
    const variables = new Set(dashboard.templating.list.map(({ name }) => name))
    for (const panel of panelsOf(dashboard)) {
      const ids = panel.targets.map(({ refId }) => refId)
      assert.equal(new Set(ids).size, ids.length, panel.title)
      for (const { expr } of panel.targets) {
        for (const [, name = ''] of expr.matchAll(/\$\{?(\w+)/g)) {
          assert.ok(name.startsWith('__') || variables.has(name), `${panel.title}: $${name}`)
        }
      }
    }
  })

  test(`${file}: fleet, site, role and device can be chosen`, () => {
    const names = dashboard.templating.list.map(({ name }) => name)
    assert.deepEqual(names, ['datasource', 'fleet', 'site', 'role', 'device'])
  })

  test(`${file}: links lead to dashboards that there are`, () => {
    const uids = new Set([...parsed.values()].map(({ uid }) => uid))
    const text = made.get(file) ?? ''
    for (const [, uid = ''] of text.matchAll(/"url": "\/d\/([^?"]+)/g))
      assert.ok(uids.has(uid), uid)
    assert.deepEqual(dashboard.links[0]?.tags, ['timeball'])
    assert.deepEqual(dashboard.tags, ['timeball'])
  })
}
