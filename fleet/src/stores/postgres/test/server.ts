/** A PostgreSQL server of its own (Debian package postgresql), at a socket in a folder of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Server {
  /** Where nothing is remembered yet. */
  newState(): string
  /** At once, as when power fails, and on again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startServer(): Promise<Server> {
  const [programs] = globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed()
  if (programs === undefined) throw new Error('PostgreSQL is missing: apt-get install postgresql')
  const folder = await mkdtemp(join(tmpdir(), 'tb-pg-'))
  await chmod(folder, 0o755)
  // The server refuses to run as root.
  const isRoot = process.getuid?.() === 0
  const user = isRoot
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--']
    : []
  const [program, ...words] = [...user, join(programs, 'initdb')]
  if (isRoot) spawnSync('chown', ['postgres', folder])
  const data = join(folder, 'data')
  const made = spawnSync(
    program,
    [
      ...words,
      '-D',
      data,
      '-A',
      'trust',
      '-U',
      'timeball',
      '-E',
      'UTF8',
      '--no-sync',
      '--locale',
      'C',
    ],
    { encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const [runner, ...args] = [...user, join(programs, 'postgres'), '-D', data, '-k', folder]
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(
      runner,
      [...args, '-c', 'listen_addresses=', '-c', 'max_connections=200', '-c', 'fsync=off'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
    while (!log.includes('ready to accept connections')) {
      if (child.exitCode !== null) throw new Error(`postgres: ${log}`)
      await Promise.race([once(child.stderr, 'data'), once(child, 'exit')])
    }
    return child
  }
  let child = await start()
  let fleets = 0
  async function end(): Promise<void> {
    const ended = once(child, 'exit')
    // Immediate shutdown (postgres(1)): as after a crash, the log is played back at the next start.
    child.kill('SIGQUIT')
    await ended
  }
  return {
    newState: () =>
      `postgres:///postgres?host=${folder}&user=timeball&schema=fleet-${(fleets += 1)}`,
    async restart() {
      await end()
      child = await start()
    },
    async stop() {
      await end()
      if (existsSync(folder)) await rm(folder, { recursive: true })
    },
  }
}
