/**
 * Every inventory of `inventories/` is read here and by the real ansible-inventory, and both must
 * say the same, to the byte. What is refused here on purpose is in `inventory-refused.real.test.ts`.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { formatGraph, formatHost, formatList } from '../src/format-inventory.ts'
import { ansible } from './ansible.ts'
import { loadInventory } from './load-inventory.ts'

const root = `${import.meta.dirname}/inventories`
const plain = readdirSync(`${root}/plain`).map((file) => `plain/${file}`)
const ini = readdirSync(`${root}/ini`).map((file) => `ini/${file}`)
const trees = readdirSync(root).filter((name) => name !== 'plain' && name !== 'ini')
const inventories = [...plain, ...ini, ...trees.map((name) => `${name}/inventory.yml`)].toSorted()

const { run } = ansible()

async function said(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run({ program: 'ansible-inventory', args })
  assert.equal(code, 0, stderr)
  return stdout
}

describe('ansible-inventory and Timeball say the same', () => {
  for (const name of inventories) {
    const path = `${root}/${name}`
    test(`about the groups and variables of ${name}`, async () => {
      const listed = await said(['-i', path, '--list'])
      const inventory = await loadInventory([path])
      assert.equal(formatList(inventory), listed)
      assert.equal(formatGraph(inventory), await said(['-i', path, '--graph']))
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
      const shown = await said(['-i', path, '--host', host])
      assert.equal(formatHost(await loadInventory([path]), host), shown)
    })
  }

  for (const group of ['sites', 'canary', 'ungrouped']) {
    test(`about the graph of the group ${group}`, async () => {
      const path = `${root}/site/inventory.yml`
      const drawn = await said(['-i', path, '--graph', group])
      assert.equal(formatGraph(await loadInventory([path]), group), drawn)
    })
  }
})
