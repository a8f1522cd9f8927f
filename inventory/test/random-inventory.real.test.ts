/**
 * Inventories made at random are read here and by the real ansible-inventory, and both must say the
 * same, to the byte, or both refuse. The seed is fixed, so that a failure comes again.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { formatProblem } from '@timeball/lib/problem.ts'
import { formatGraph, formatList } from '../src/format-inventory.ts'
import { readInventorySources } from '../src/files/find-sources.ts'
import { parseInventory } from '../src/parse-inventory.ts'
import { ansible } from './ansible.ts'
import { type RandomInventory, randomInventory } from './random-inventory.ts'

const seed = Number(process.env['TIMEBALL_SEED'] ?? 20_261_128)
const count = Number(process.env['TIMEBALL_RUNS'] ?? 120)

const { run } = ansible()

describe('ansible-inventory and Timeball say the same about', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'timeball-random-'))
  })
  after(async () => await rm(directory, { recursive: true }))

  for (const [index, inventory] of fc.sample(randomInventory, { seed, numRuns: count }).entries()) {
    test(`random inventory ${index} of seed ${seed}: ${inventory.sources.join(' ')}`, async () => {
      const folder = join(directory, String(index))
      await write(folder, inventory)
      await compare(folder, inventory)
    })
  }
})

async function write(folder: string, { files }: RandomInventory): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

async function compare(folder: string, { files, sources: named }: RandomInventory): Promise<void> {
  const sources = named.map((source) => (source.includes(',') ? source : join(folder, source)))
  const text = [...files].map(([path, content]) => `--- ${path}\n${content}`).join('')
  const args = [...sources.flatMap((source) => ['-i', source]), '--playbook-dir', folder]
  const listed = await run({ program: 'ansible-inventory', args: [...args, '--list'], cwd: folder })
  const found = readInventorySources({ sources, playbookDirectory: folder })
  const parsed = found.ok ? parseInventory(found.value.sources) : found
  const problems = parsed.ok ? '' : parsed.failure.map(formatProblem).join('\n')
  if (listed.code !== 0 || listed.stderr.includes('Unable to parse')) {
    assert.ok(!parsed.ok, `only Ansible refuses:\n${listed.stderr}\n${text}`)
    return
  }
  assert.ok(parsed.ok, `only Timeball refuses:\n${problems}\n${text}`)
  const isSorted = !listed.stderr.includes('Could not sort')
  const shape = isSorted ? (list: string): unknown => list : hostBlocks
  assert.deepEqual(shape(formatList(parsed.value)), shape(listed.stdout), text)
  const drawn = await run({ program: 'ansible-inventory', args: [...args, '--graph'], cwd: folder })
  assert.equal(formatGraph(parsed.value), drawn.stdout, text)
}

/** Without sorted keys the hosts come in an order that differs from one run of Ansible to the next. */
function hostBlocks(list: string): readonly string[] {
  const [groups = '', hosts = ''] = list.split('"hostvars": {')
  const blocks = hosts.split(/,?\n(?= {12}")/).map((block) => block.replace(/\n {8}\}[^]*$/, ''))
  return [groups, ...blocks.toSorted()]
}
