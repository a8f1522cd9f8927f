/** Patterns mean to Timeball what they mean to the real `ansible PATTERN --list-hosts`. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { noContext, selectHosts } from '../src/select-hosts.ts'
import { ansible } from './ansible.ts'
import { loadInventory } from './load-inventory.ts'

const path = `${import.meta.dirname}/inventories/site/inventory.yml`
const inventory = await loadInventory([path])

const { run } = ansible()

async function listHosts(...args: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run({ program: 'ansible', args: ['-i', path, ...args] })
  assert.equal(code, 0, stderr)
  return readHosts(stdout)
}

/** The hosts in `--list-hosts`: a heading, then one indented name a line. */
function readHosts(stdout: string): string[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('    '))
  return lines.map((line) => line.trim())
}

const patterns = [
  'all',
  '*',
  'stratum1',
  'stratum2',
  'sites',
  'pi-gps-02',
  'pi-gps-*',
  'pi-*-01',
  'pi-???-0[12]*',
  '*-0[!1]',
  's*',
  'stratum?',
  'stratum[12]*',
  'north:south',
  'north,canary',
  'north, pi-gps-03 ,canary',
  'stratum1:pi-ntp-01',
  'all:!stratum1',
  'stratum2:!pi-ntp-02:!canary',
  'stratum1:&north',
  'sites:&stratum2:!south',
  '&north',
  '!north',
  '!north:&stratum2',
  '&stratum1:south',
  'stratum2[0]',
  'stratum2[-1]',
  'stratum2[5]',
  'stratum2[0:2]',
  'stratum2[2:]',
  'stratum2[1-3]',
  'stratum2[4:9]',
  'stratum2[0:0]',
  'stratum2[3:0]',
  'stratum*[1:3]',
  'pi-gps-*[0]',
  'stratum2[0]:&north',
  'stratum2:!stratum2[1:2]',
  '~pi-(gps|ntp)-0[12]',
  '~.*-03',
  '~pi-gps',
  '~^pi-ntp-0[4-6]$',
  '~(north|south)',
  '~pi-\\w+-0\\d',
  '~stratum[12]:!~.*-01',
  '~pi-n.p-0(5|6)',
  'pi-ntp-03:pi-ntp-01:pi-ntp-03',
  'canary:stratum1',
  'pi-gps-01,!pi-gps-01,pi-gps-02',
  'south:!~pi-ntp.*',
]

describe('ansible --list-hosts and Timeball choose the same hosts', () => {
  for (const pattern of patterns) {
    test(`for ${pattern}`, async () => {
      const said = await listHosts('--list-hosts', '--', pattern)
      const selected = selectHosts(inventory, pattern, noContext)
      assert.deepEqual(selected, { ok: true, value: said })
    })
  }

  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'timeball-patterns-'))
  })
  after(async () => await rm(directory, { recursive: true }))

  const files = [
    ['names', 'pi-gps-01\npi-ntp-02\n'],
    ['crlf', 'pi-gps-01\r\npi-ntp-02\r\n\r\n'],
    ['terms', '  stratum2  \n!canary\n!pi-ntp-01'],
  ] as const
  for (const [name, text] of files) {
    test(`for a file of ${name}`, async () => {
      const file = join(directory, name)
      await writeFile(file, text)
      const said = await listHosts('all', '--list-hosts', '-l', `@${file}`)
      const context = { ...noContext, files: new Map([[file, text]]) }
      const selected = selectHosts(inventory, `@${file}`, context)
      assert.ok(selected.ok)
      assert.deepEqual(selected.value.toSorted(), said.toSorted())
    })
  }
})

/** Where Ansible chooses nothing, or something that nobody means, Timeball says what is wrong. */
const differences = [
  { pattern: 'statum1', ansible: [], mine: /no host or group matches "statum1"/ },
  { pattern: 'all:!statum1', ansible: 'all', mine: /no host or group matches "statum1"/ },
  { pattern: 'stratum1:&stratum2', ansible: [], mine: /no host is left/ },
  { pattern: 'pi-zzz-*', ansible: [], mine: /no host or group matches/ },
  { pattern: 'localhost', ansible: ['localhost'], mine: /no host or group matches "localhost"/ },
  { pattern: 'stratum2[7:9]', ansible: [], mine: /past the end/ },
  { pattern: 'stratum2[9]', ansible: [], mine: /past the end/ },
  { pattern: 'ungrouped', ansible: [], mine: /no host is left/ },
  { pattern: '~(?=pi-gps).*', ansible: 'stratum1', mine: /\(\?, which is not supported/ },
] as const

describe('where Ansible is silent, Timeball complains', () => {
  for (const { pattern, ansible, mine } of differences) {
    test(`about ${pattern}`, async () => {
      const said = await listHosts('--list-hosts', '--', pattern)
      const wanted = typeof ansible === 'string' ? selectHosts(inventory, ansible, noContext) : null
      assert.deepEqual(said, wanted?.ok === true ? wanted.value : ansible)
      const selected = selectHosts(inventory, pattern, noContext)
      assert.match(selected.ok ? 'chosen' : (selected.failure[0]?.what ?? ''), mine)
    })
  }

  test('but a host range is meant as one, where Ansible takes it for a subscript', async () => {
    const pattern = 'pi-gps-[01:02]'
    const said = await listHosts('--list-hosts', '--', pattern)
    assert.deepEqual(said, [])
    const selected = selectHosts(inventory, pattern, noContext)
    assert.deepEqual(selected, { ok: true, value: ['pi-gps-01', 'pi-gps-02'] })
  })
})
