/** `-C` beside `network.namespace`, for which the program is run again; needs root. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runTimeball } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'tb-folder-'))
const namespace = `tb-folder-${process.pid}`
mkdirSync(join(folder, 'north'))
// Nothing listens on TCP 1.
const host = '{ ansible_host: 127.0.13.1, ansible_port: 1 }'
writeFileSync(join(folder, 'north/inventory.yml'), `all: { hosts: { a: ${host} } }\n`)
writeFileSync(join(folder, 'north/fleet.yaml'), `network: { namespace: ${namespace} }\n`)
execFileSync('ip', ['netns', 'add', namespace])
after(() => {
  execFileSync('ip', ['netns', 'delete', namespace])
  rmSync(folder, { recursive: true })
})

test('a folder of -C is relative to where the command was given, in a namespace, too', async () => {
  for (const env of [{}, { TIMEBALL_DIRECTORY: 'north' }]) {
    const words = 'TIMEBALL_DIRECTORY' in env ? 'ping' : '-C north ping'
    const { exit, stdout, stderr } = await runTimeball(words, { cwd: folder, env })
    assert.equal(exit, 3, stdout + stderr)
  }
})
