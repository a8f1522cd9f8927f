/** A Docker engine of its own, in a network of its own, with images of Node and one program. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { must, run, waitFor } from '@timeball/lab/pis/run.ts'

export interface Engine {
  readonly host: string
  /** Words before a command that is to reach the ports of containers. */
  readonly inside: readonly [string, ...string[]]
  /** `flaws`: names of images, as `trial:FLAW`. */
  build(flaws: readonly string[]): Promise<void>
  stop(): Promise<void>
}

const startTimeoutMs = 60_000

export async function startEngine(folder: string): Promise<Engine> {
  const name = `tb-check-${process.pid}`
  const socket = join(folder, 'sock')
  const host = `unix://${socket}`
  await must(['ip', 'netns', 'add', name])
  const inside: [string, ...string[]] = ['nsenter', `--net=/run/netns/${name}`]
  await must([...inside, 'ip', 'link', 'set', 'lo', 'up'])
  const daemon = spawn(
    'nsenter',
    [...inside.slice(1), 'dockerd', ...daemonArgs(folder, host, name)],
    {
      stdio: 'ignore',
    },
  )
  const engine: Engine = {
    host,
    inside,
    build: (flaws) => build(folder, host, flaws),
    stop: () => stop(daemon, folder, name),
  }
  await waitFor('the engine', startTimeoutMs, async () => {
    if (!existsSync(socket)) return false
    return (await run(['docker', '-H', host, 'version'])).code === 0
  })
  return engine
}

function daemonArgs(folder: string, host: string, name: string): string[] {
  const options = {
    'data-root': join(folder, 'data'),
    'exec-root': `/run/${name}`,
    pidfile: join(folder, 'pid'),
    'containerd-namespace': name,
    'containerd-plugins-namespace': `${name}-plugins`,
    host,
  }
  return Object.entries(options).flatMap(([key, value]) => [`--${key}`, value])
}

async function stop(daemon: ChildProcess, folder: string, name: string): Promise<void> {
  const ended = once(daemon, 'exit')
  daemon.kill('SIGTERM')
  await ended
  await must(['ip', 'netns', 'delete', name])
  await must(['rm', '-rf', folder, `/run/${name}`])
}

/** Node with the libraries that it is linked with, and nothing else. */
async function build(folder: string, host: string, flaws: readonly string[]): Promise<void> {
  const root = join(folder, 'root')
  const libraries = await must(['ldd', process.execPath])
  const paths = [...libraries.matchAll(/(\/\S+)/g)].flatMap(([, path]) => path ?? [])
  for (const path of paths) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    copyFileSync(path, join(root, path))
  }
  for (const place of ['bin', 'etc', 'tmp', 'run'])
    mkdirSync(join(root, place), { recursive: true })
  copyFileSync(process.execPath, join(root, 'bin/node'))
  copyFileSync(join(import.meta.dirname, 'server.cjs'), join(root, 'server.cjs'))
  writeFileSync(join(root, 'bin/ntpq'), '#!/bin/node\n')
  chmodSync(join(root, 'bin/ntpq'), 0o755)
  const tar = join(folder, 'root.tar')
  await must(['tar', '-C', root, '-cf', tar, '.'])
  const base = ['ENV PATH=/bin', 'ENTRYPOINT ["/bin/node", "/server.cjs"]']
  for (const flaw of flaws) {
    const changes = [...base, `ENV FLAW=${flaw}`, 'LABEL org.opencontainers.image.version=1.0.0']
    const given = changes.flatMap((change) => ['--change', change])
    await must(['docker', '-H', host, 'import', ...given, tar, `trial:${flaw}`])
  }
}
