/** Whatever Ansible does: of whom nothing was heard has failed. Programs in its place do the worst. */
import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runProcess } from '@timeball/lib/run-process.ts'
import { beginLine, delivery, endLine, testNonce } from '../../ports/engine.contract.ts'
import type { Delivery, Target } from '../../ports/engine.ts'
import { ansibleEngine } from './ansible-engine.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-ansible-'))
after(() => rm(folder, { recursive: true, force: true }))

/** What stands in for Ansible: Python with `ask`, and `tell`, of the socket's two ways. */
async function engineOf(program: string) {
  const path = join(folder, `program-${Math.random().toString(36).slice(2)}`)
  await writeFile(path, `${helpers}${program}\n`)
  await chmod(path, 0o755)
  return ansibleEngine(
    {
      inventories: ['hosts.yml'],
      vaultPasswordFiles: [],
      runtimeFolder: join(folder, 'run'),
      playbookFolder: join(import.meta.dirname, 'playbook'),
      program: path,
    },
    runProcess,
  )
}

const helpers = `#!/usr/bin/env python3
import json, os, socket, sys
def dial(rest=b'', **head):
    there = socket.socket(socket.AF_UNIX)
    there.connect(os.environ['TIMEBALL_SOCKET'])
    there.sendall(json.dumps(head).encode() + b'\\n' + rest)
    there.shutdown(socket.SHUT_WR)
    return there.makefile('rb').read()
def ask(device, version='2.19.0'):
    order, _, bundle = dial(kind='next', device=device, ansible=version).partition(b'\\n')
    return json.loads(order or b'null'), bundle
`

const target = (device: string): Target => ({
  device,
  address: '127.0.0.1',
  port: 22,
  user: 'pi',
  privateKeyFile: null,
  commonArgs: [],
})

async function failureOf(program: string, given: Partial<Delivery> = {}, device = 'pi-1') {
  const engine = await engineOf(program)
  const result = await engine.deliver(target(device), delivery(given))
  await engine.close('end')
  assert.ok(!result.ok, JSON.stringify(result))
  return result.failure
}

test('a run that is content and says nothing of a host', async () => {
  const failure = await failureOf('print("PLAY RECAP\\npi-1 : ok=1 failed=0 skipped=1")')
  assert.deepEqual(failure, {
    code: 'unreachable',
    detail: 'Ansible left it out: it ended with 0',
  })
})

test('a run that ends with the words of Ansible: they are told', async () => {
  const fatal = `print('fatal: [pi-1]: FAILED! => {"changed": false, "msg": "no plugin \\x1b[2J here"}'); sys.exit(2)`
  assert.equal((await failureOf(fatal)).detail, 'Ansible left it out: no plugin here')
  const unknown = `print('[WARNING]: Could not match supplied host pattern, ignoring: pi-1')`
  assert.match((await failureOf(unknown)).detail, /its inventory has no host pi-1/)
})

test('a run that is killed with the bundle in hand: the device may have got it', async () => {
  const { code, detail } = await failureOf('ask("pi-1"); os.kill(os.getpid(), 9)')
  assert.equal(code, 'protocol')
  assert.match(detail, /^Ansible ended without its result/)
})

test('half a report, and then nothing', async () => {
  const program = `order, _ = ask("pi-1"); dial(${JSON.stringify(beginLine(testNonce))}.encode(), kind='output', job=order['job'])`
  assert.equal((await failureOf(program)).code, 'protocol')
})

test('an Ansible that is too old, and none at all', async () => {
  const old = await failureOf('print(ask("pi-1", "2.9.27"))')
  assert.match(old.detail, /^ansible-core 2\.9\.27 is too old: 2\.14 or later/)
  const engine = ansibleEngine({
    inventories: [],
    vaultPasswordFiles: [],
    runtimeFolder: join(folder, 'run'),
    playbookFolder: join(import.meta.dirname, 'playbook'),
    program: '/nowhere/ansible-playbook',
  })
  const none = await engine.deliver(target('pi-1'), delivery())
  assert.ok(!none.ok)
  assert.match(none.failure.detail, /there is no ansible-playbook here/)
})

test('what becomes of the password of sudo is told as such', async () => {
  const program = `order, _ = ask("pi-1"); dial(kind='refused', job=order['job'], why='Missing sudo password')`
  assert.equal((await failureOf(program)).code, 'not-root')
})

test('two steps of one operation are one run, and a job is heard once', async () => {
  const report = JSON.stringify(beginLine(testNonce) + endLine(testNonce))
  const engine = await engineOf(`open('${folder}/runs', 'a').write('run\\n')
while True:
    order, bundle = ask('pi-1')
    if not order: break
    for _ in range(2): dial(${report}.encode(), kind='output', job=order['job'])`)
  for (const bundle of [Buffer.from('one'), Buffer.from('two')]) {
    const result = await engine.deliver(target('pi-1'), delivery({ bundle }))
    assert.ok(result.ok, JSON.stringify(result))
  }
  await engine.close('end')
  assert.equal(await readFile(join(folder, 'runs'), 'utf8'), 'run\n')
})

async function* half(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('it broke off')
}

test('a bundle that breaks off is not sent', async () => {
  const program = `
raw = dial(kind='next', device='pi-1', ansible='2.19.0')
order, _, bundle = raw.partition(b'\\n')
assert not bundle.endswith(json.loads(order)['mark'].encode())`
  assert.equal((await failureOf(program, { bundle: half })).code, 'protocol')
})
