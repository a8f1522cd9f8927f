/**
 * Every inventory of `inventories/` is read by Timeball and by the real ansible-inventory, and both
 * must say the same. What Timeball refuses on purpose is in `inventory-refused.real.test.ts`.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { formatGraph, formatHost, formatList } from '../src/format-inventory.ts'
import type { Inventory } from '../src/inventory.ts'
import { parseInventory } from '../src/parse-inventory.ts'
import { resolveVars } from '../src/resolve-vars.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { readInventorySources } from '../../fleet/src/stores/fleet-files.ts'
import { ansibleOutput } from './ansible.ts'

const root = `${import.meta.dirname}/inventories`
const plain = readdirSync(`${root}/plain`).map((file) => `plain/${file}`)
const trees = readdirSync(root).filter((name) => name !== 'plain')
const inventories = [...plain, ...trees.map((name) => `${name}/inventory.yml`)].toSorted()

/** The inventories whose groups are out of the ordinary. */
const shapes = ['nested', 'diamond', 'order', 'twice', 'ungrouped', 'empty-groups', 'top-level']
const drawn = [
  ...shapes.map((name) => `plain/${name}.yml`),
  ...['guide', 'site', 'precedence'].map((name) => `${name}/inventory.yml`),
]

async function load(path: string): Promise<Inventory> {
  const sources = await readInventorySources(path)
  assert.ok(sources.ok, JSON.stringify(sources))
  const parsed = parseInventory(sources.value)
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.failure.map(formatProblem).join('\n'))
  return parsed.value
}

test('there are at least thirty inventories to compare', () => {
  assert.ok(inventories.length >= 30, String(inventories.length))
})

describe('ansible-inventory and Timeball say the same', { concurrency: 2 }, () => {
  for (const name of inventories) {
    const path = `${root}/${name}`
    test(`about the groups and variables of ${name}`, async () => {
      const said = await ansibleOutput('ansible-inventory', ['-i', path, '--list'])
      assert.deepEqual(JSON.parse(formatList(await load(path))), JSON.parse(said))
    })
  }

  for (const name of drawn) {
    const path = `${root}/${name}`
    test(`about the graph of ${name}, to the byte`, async () => {
      const said = await ansibleOutput('ansible-inventory', ['-i', path, '--graph'])
      assert.equal(formatGraph(await load(path)), said)
    })
  }

  const hosts = [
    ['guide/inventory.yml', 'pi-gps-01'],
    ['precedence/inventory.yml', 'pi-01'],
    ['vars-files/inventory.yml', 'pi-02'],
    ['plain/internal-names.yml', 'pi-02'],
    ['plain/vault-and-unsafe.yml', 'pi-01'],
  ] as const
  for (const [name, host] of hosts) {
    test(`about the host ${host} of ${name}`, async () => {
      const path = `${root}/${name}`
      const said: unknown = JSON.parse(
        await ansibleOutput('ansible-inventory', ['-i', path, '--host', host]),
      )
      assert.deepEqual(JSON.parse(formatHost(await load(path), host)), said)
    })
  }

  for (const group of ['sites', 'canary', 'ungrouped']) {
    test(`about the graph of the group ${group}`, async () => {
      const path = `${root}/site/inventory.yml`
      const said = await ansibleOutput('ansible-inventory', ['-i', path, '--graph', group])
      assert.equal(formatGraph(await load(path), group), said)
    })
  }

  test('about what templates become', async () => {
    const path = `${root}/resolve/inventory.yml`
    const inventory = await load(path)
    const names = [...(inventory.hosts.get('pi-01.example.org')?.variables.keys() ?? [])]
    const message = `msg={{ {${names.map((name) => `'${name}': ${name}`).join(', ')}} }}`
    const args = ['pi-01.example.org', '-i', path, '-c', 'local', '-m', 'debug', '-a', message]
    const said = await ansibleOutput('ansible', args)
    const reply: unknown = JSON.parse(said.slice(said.indexOf('{')))
    const resolved = resolveVars(inventory, 'pi-01.example.org', names)
    assert.ok(resolved.ok, resolved.ok ? '' : resolved.failure.map(formatProblem).join('\n'))
    const mine: unknown = JSON.parse(JSON.stringify(Object.fromEntries(resolved.value)))
    assert.deepEqual(mine, Object(reply).msg)
  })
})
