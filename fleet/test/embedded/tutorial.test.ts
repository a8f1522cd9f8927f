/** docs/tutorial.md, from its first line to its last. */
import assert from 'node:assert/strict'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { guideDevices } from '@timeball/lab/embedded/inventory.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { atShell, blocksOf, runBlock, temporaryHome, useEmbeddedFleet } from './page-shell.ts'

const blocks = await blocksOf('docs/tutorial.md')
// Receivers of new cards have no line in the boot configuration yet.
const embedded = await temporaryFleet({
  devices: guideDevices.map((device) => ({ ...device, bootConfig: '' })),
})
const home = await temporaryHome()
const folder = join(home, 'time')

test('the page works from its first line to its last', async (context) => {
  assert.ok(blocks.length > 15)
  let cwd = home
  for (const { kind, code } of blocks) {
    const title = code.split('\n', 1)[0] ?? ''
    if (kind === 'yaml' && code.startsWith('# Ansible')) {
      assert.equal(await readFile(join(folder, 'inventory.yml'), 'utf8'), code)
      await useEmbeddedFleet(embedded, folder)
    } else if (kind === 'yaml' && !code.startsWith('clock:')) {
      await appendFile(join(folder, 'fleet.yaml'), code)
    } else if (code.startsWith('$ ')) {
      await context.test(title, () => runBlock(embedded, { home, cwd }, code))
    }
    if (title === '$ timeball init time') cwd = folder
  }
})

test('its inventory and its settings are a fleet', async () => {
  const cwd = join(home, 'as-written')
  await mkdir(cwd)
  const [inventory = '', ...settings] = blocks
    .filter(({ kind }) => kind === 'yaml')
    .map(({ code }) => code)
  await writeFile(join(cwd, 'inventory.yml'), inventory)
  await writeFile(join(cwd, 'fleet.yaml'), settings.join(''))
  const planned = await atShell(
    { home, cwd },
    'API_KEY_1=a-good-key-0001 timeball plan --offline',
    null,
  )
  assert.match(planned, /^Fleet: 4 devices/m)
  assert.match(planned, /^Plan: 32 to create/m)
})

test('what is not run needs hardware, Docker, or a way to where Timeball is published', () => {
  const others = blocks.filter(({ kind, code }) => kind === '' && !code.startsWith('$ '))
  const firstWords = others.flatMap(({ code }) => code.trimEnd().split('\n'))
  for (const line of firstWords) {
    assert.match(line, /^(?:git clone|mkdir -p|ln -s|ssh pi@|timeball image build|server ) ?/)
  }
})
