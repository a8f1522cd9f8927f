/** Debian's restic over SFTP, with a real sshd and its own sftp server. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { makeKey } from '../../../engines/ssh/test/sshd.ts'
import { backupStoreContract } from '../../../ports/backup-store.contract.ts'
import { resticRepository } from './restic-repository.ts'
import { repositoryIn } from './test/repository-in.ts'

const top = await mkdtemp(join(tmpdir(), 'timeball-sftp-'))
const passwordFile = join(top, 'password')
await writeFile(passwordFile, 'a-password-of-the-test\n', { mode: 0o600 })
const port = await freePort()
const sshd = await startSftp()
const { signal } = new AbortController()
after(async () => {
  sshd.kill()
  await rm(top, { recursive: true, force: true })
})

const storeIn = (folder: string) =>
  resticRepository({ repository: `sftp://root@127.0.0.1:${port}/${folder}`, passwordFile, signal })

let count = 0
backupStoreContract('restic over SFTP', () =>
  Promise.resolve(repositoryIn(join(top, `repository-${(count += 1)}`), storeIn)),
)

test('a server that is away is said in words, and nothing hangs', async () => {
  sshd.kill()
  await once(sshd, 'exit')
  const listed = await storeIn(join(top, 'repository-1')).list()
  assert.ok(!listed.ok)
  assert.match(listed.failure.detail, /restic ended with 1: .*(?:refused|ssh|sftp session)/i)
})

async function startSftp() {
  makeKey(join(top, 'host-key'))
  makeKey(join(top, 'user-key'))
  await mkdir('/run/sshd', { recursive: true })
  const settings = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${top}/host-key`, 'PidFile none'],
    ...[`AuthorizedKeysFile ${top}/user-key.pub`, 'StrictModes no', 'UsePAM no'],
    ...['PermitRootLogin prohibit-password', 'Subsystem sftp internal-sftp'],
    'ForceCommand internal-sftp',
  ]
  await writeFile(join(top, 'sshd_config'), `${settings.join('\n')}\n`)
  await useOwnClientSettings()
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(top, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.startsWith('Server listening on')) break
  }
  child.stderr.resume()
  return child
}

/** restic starts the `ssh` of the path, which reads the settings of a home that is not ours. */
async function useOwnClientSettings(): Promise<void> {
  const [type, key] = (await readFile(join(top, 'host-key.pub'), 'utf8')).split(' ')
  await writeFile(join(top, 'known_hosts'), `[127.0.0.1]:${port} ${type} ${key}\n`)
  const settings = ['IdentityFile', 'UserKnownHostsFile'].map(
    (name, at) => `${name} ${top}/${['user-key', 'known_hosts'][at]}\n`,
  )
  await writeFile(join(top, 'ssh_config'), `${settings.join('')}BatchMode yes\n`)
  await mkdir(join(top, 'bin'))
  await writeFile(join(top, 'bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${top}/ssh_config "$@"\n`)
  await chmod(join(top, 'bin/ssh'), 0o755)
  process.env['PATH'] = `${top}/bin:${process.env['PATH'] ?? ''}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (at === null || typeof at === 'string') throw new Error('no port')
  return at.port
}
