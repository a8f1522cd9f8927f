/** The commands of the README, and what other pages show of a fleet that is well, or is not. */
import assert from 'node:assert/strict'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedImages } from '@timeball/lab/embedded/images.ts'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { atShell, blocksOf, runBlock, temporaryHome, useEmbeddedFleet } from './page-shell.ts'

const embedded = await temporaryFleet()
const home = await temporaryHome()
const place = { home, cwd: join(home, 'time') }
await mkdir(place.cwd)
await useEmbeddedFleet(embedded, place.cwd)

async function blockOf(path: string, begin: string): Promise<string> {
  const block = (await blocksOf(path)).find(({ code }) => code.startsWith(begin))
  assert.ok(block, `${path}: ${begin}`)
  return block.code
}

/** What the README's commands end with, where that is not 0. */
const exits = new Map([
  // Simulated devices have no receiver.
  ['timeball doctor pi-gps-01', 5],
  ['timeball rollout start', 0],
])
const changes = new Map([['timeball rollout start --dry-run', 'health: { max_offset_ms: 50 }\n']])

test('the README’s commands work, one after another', async (context) => {
  const lines = (await blockOf('README.md', '[ -e keys.env ]')).trimEnd().split('\n')
  const commands = lines.map((line) => line.replace(/ {2,}#.*$/, ''))
  assert.ok(commands.length > 10)
  await atShell(place, 'API_KEY_1=some-key-0001 timeball ping --accept-new-host-keys', null)
  for (const command of commands) {
    // Docker is not here; its lab test is lab/carried-image.real.test.ts.
    if (command === 'timeball image build') continue
    await context.test(command, async () => {
      await appendFile(join(place.cwd, 'fleet.yaml'), changes.get(command) ?? '')
      const isEndless = command.endsWith('--watch') || command === 'timeball serve'
      const ended = isEndless ? `timeout --signal=INT 2 ${command}` : command
      const said = await atShell(place, `${ended}; echo "exit $?"`, 'y')
      const wanted = isEndless ? 124 : (exits.get(command) ?? 0)
      assert.match(said, new RegExp(`^exit ${wanted}$`, 'm'), said)
    })
  }
})

test('docs/commands.md: restart', async () => {
  await runBlock(embedded, place, await blockOf('docs/commands.md', '$ timeball restart'))
})

test('docs/monitoring.md: generate', async () => {
  const block = await blockOf('docs/monitoring.md', '$ timeball monitoring generate')
  await atShell(place, 'rm -r monitoring', null)
  await runBlock(embedded, place, block.split('\n\n')[0] ?? '')
})

test('docs/rollouts.md: a release that serves wrong time', async () => {
  const { ref } = embeddedImages.falseticker
  await atShell(place, `timeball rollout start --yes --image ${ref}`, null)
  await runBlock(embedded, place, await blockOf('docs/rollouts.md', '$ timeball rollout show'))
})

test('docs/clock.md: one of four is 50 ms off', async () => {
  const names = ['pi-0', 'pi-1', 'pi-2', 'pi-3']
  const four = await temporaryFleet({
    devices: names.map((name) => ({ name, group: 'stratum1', ntpServers: [] }) as const),
  })
  const here = { home, cwd: join(home, 'four') }
  await mkdir(here.cwd)
  await useEmbeddedFleet(four, here.cwd)
  const key = 'API_KEY_1=some-key-0001'
  const applied = await atShell(here, `${key} timeball apply --yes --accept-new-host-keys`, null)
  assert.match(applied, /^Apply: 4 changed\.$/m)
  four.device('pi-2').clock.offsetMs = 50
  await runBlock(four, here, await blockOf('docs/clock.md', '$ timeball clock'))
})
