import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unitFile, type ServiceWish } from './unit-file.ts'

const wish: ServiceWish = {
  fleet: 'prod',
  user: 'timeball',
  folder: '/etc/timeball',
  argv: ['/usr/local/bin/timeball', 'serve', '-i', 'inventory.yml'],
  keysFile: null,
}

function linesOf(change: Partial<ServiceWish> = {}): readonly string[] {
  return unitFile({ ...wish, ...change }).split('\n')
}

test('it says who runs what, and where', () => {
  const lines = linesOf()
  for (const line of [
    'Type=notify',
    'User=timeball',
    'WorkingDirectory=/etc/timeball',
    'ExecStart=/usr/local/bin/timeball serve -i inventory.yml',
    'ReadWritePaths=/etc/timeball',
    'ProtectSystem=strict',
  ]) {
    assert.ok(lines.includes(line), line)
  }
  assert.ok(!lines.some((line) => line.startsWith('LoadCredential')))
})

test('a file of keys is a credential', () => {
  const lines = linesOf({ keysFile: '/etc/timeball/keys.env' })
  assert.ok(lines.includes('LoadCredential=keys.env:/etc/timeball/keys.env'))
})

test('no word can become another line, another word, a variable or a specifier', () => {
  const lines = linesOf({ folder: '/srv/my fleet', argv: ['/opt/t', '-i', 'a "b" $c %d \\e'] })
  assert.ok(lines.includes('ReadWritePaths="/srv/my fleet"'))
  assert.ok(lines.includes('ExecStart=/opt/t -i "a \\"b\\" $$c %%d \\\\e"'))
})
