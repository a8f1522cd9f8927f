/** `timeball service` against the systemd of Debian: its unit is taken, safe, and told how serve is. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { runProgram, runTimeball, timeballProgram } from './run-program.ts'

const folder = await mkdtemp(join(tmpdir(), 'tb-service-'))
after(() => rm(folder, { recursive: true, force: true }))
await writeFile(
  join(folder, 'inventory.yml'),
  'all: { hosts: { pi-1: { ansible_host: 127.78.9.1, ansible_port: 1 } } }\n',
)
const place = { cwd: folder, env: { XDG_RUNTIME_DIR: folder } }

async function unit(): Promise<string> {
  const words = 'service install --print --user daemon --keys keys.env'
  const { exit, stdout, stderr } = await runTimeball(words, place)
  assert.equal(exit, 0, stderr)
  const path = join(folder, 'timeball.service')
  await writeFile(path, stdout)
  return path
}

test('systemd takes the unit, and finds nothing to say against it', async () => {
  const { exit, stdout, stderr } = await runProgram(
    'systemd-analyze',
    ['verify', await unit()],
    place,
  )
  assert.deepEqual([exit, stdout, stderr], [0, '', ''])
})

test('its exposure is low', async () => {
  const argv = ['security', '--offline=true', '--threshold=25', await unit()]
  const { exit, stdout } = await runProgram('systemd-analyze', argv, place)
  assert.equal(exit, 0, stdout)
})

/** What systemd would hear, a line for each word; Node has no such socket. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('listening', flush=True)
while True:
    print(s.recv(4096).decode(), flush=True)
`

test('serve says when it is ready, gives signs of life, and says when it ends', async () => {
  const socket = join(folder, 'notify')
  const hearing = spawn('python3', ['-c', listener, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  after(() => hearing.kill())
  const heard = createInterface(hearing.stdout)[Symbol.asyncIterator]()
  const next = async (word: string): Promise<void> => {
    for (;;) {
      const { value, done } = await heard.next()
      assert.ok(done !== true, `no ${word}`)
      if (value.startsWith(word)) return
    }
  }
  await next('listening')
  const env = { ...place.env, PATH: process.env['PATH'], NOTIFY_SOCKET: socket }
  const serving = spawn(
    process.execPath,
    [timeballProgram, 'serve', '--port', '0', '--log', 'json'],
    {
      cwd: folder,
      env: { ...env, WATCHDOG_USEC: '1000000' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  after(() => serving.kill('SIGKILL'))
  const lines = createInterface(serving.stderr)[Symbol.asyncIterator]()
  const first: unknown = JSON.parse((await lines.next()).value ?? '')
  assert.ok(typeof first === 'object' && first !== null && 'message' in first && 'time' in first)
  await next('READY=1')
  await next('WATCHDOG=1')
  serving.kill('SIGTERM')
  await next('STOPPING=1')
  const [code] = await once(serving, 'exit')
  assert.equal(code, 0)
})
