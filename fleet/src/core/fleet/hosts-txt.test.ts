import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostVars } from '@timeball/inventory/inventory.ts'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import { textSource } from '@timeball/inventory/sources/source.ts'
import { importHostsTxt } from './hosts-txt.ts'

test('a hosts.txt becomes an inventory', () => {
  const text =
    '\uFEFFhostname,ip,stratum,gps,pps\r\n# sources\r\npi-gps-01, 192.168.1.101 ,1,yes,yes\r\n\r\npi-ntp-01,192.168.1.201,10,no,no # relay\r\non,10.0.0.1,2,False,0'
  const imported = importHostsTxt({ path: 'hosts.txt', text })
  assert.ok(imported.ok, JSON.stringify(imported))
  const parsed = parseInventory(textSource('inventory.yml', imported.value))
  assert.ok(parsed.ok)
  const inventory = parsed.value
  assert.deepEqual(inventory.groups.get('stratum1')?.hosts, ['pi-gps-01'])
  assert.deepEqual(inventory.groups.get('stratum2')?.hosts, ['pi-ntp-01', 'on'])
  assert.deepEqual(Object.fromEntries(hostVars(inventory, 'pi-ntp-01')), {
    ansible_user: 'pi',
    ansible_host: '192.168.1.201',
    gps_enabled: false,
    pps_enabled: false,
    stratum: 10n,
  })
})

test('every mistake of a hosts.txt is told with its line', () => {
  const text =
    'a,10.0.0.1,1,yes,yes\na,10.0.0.1,1,yes,yes\n-b,10.0.0.2,2,no,no\nc,nowhere!,99,maybe,no\nd 10.0.0.4\ne,10.0.0.5,2,no,yes'
  const imported = importHostsTxt({ path: 'hosts.txt', text })
  assert.ok(!imported.ok)
  const lines = imported.failure.map(({ line }) => line)
  assert.deepEqual(lines, [2, 2, 3, 4, 4, 4, 5, 6])
})
