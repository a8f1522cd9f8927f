/** The image registry of the lab: Debian's docker-registry on one folder of the cache. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Daemon, startDaemon, stopDaemon } from './daemon.ts'
import { registryHost } from './devices.ts'
import { docker } from './engine.ts'
import { LabError } from './lab-error.ts'
import { namespaceName } from './network.ts'
import { run, waitFor } from './run.ts'
import type { LabPaths } from './settings.ts'

/** The registry that the Pis pull from, inside the lab's namespace. */
export function registryDaemon(paths: LabPaths): Daemon {
  const registry = registryNamed(paths, 'registry')
  return { ...registry, argv: ['ip', 'netns', 'exec', namespaceName, ...registry.argv] }
}

/** Begins to answer, or fails with a `LabError`. */
export async function startRegistry(paths: LabPaths): Promise<'started' | 'running'> {
  const daemon = registryDaemon(paths)
  writeConfig(paths, daemon, registryHost)
  const state = startDaemon(daemon)
  await waitFor('the registry', 20_000, async () => {
    const probe = ['curl', '-fsS', '-m', '2', '-o', '/dev/null', `http://${registryHost}/v2/`]
    return (await run(['ip', 'netns', 'exec', namespaceName, ...probe])).code === 0
  })
  return state
}

/**
 * Pushes images of the outer engine as `NAME:TAG`, in this order. The engine is not in the lab's
 * namespace, so that it must not even try the registry's address; a second registry on the same
 * folder listens on a loopback port for the time of the push.
 */
export async function pushImages(
  paths: LabPaths,
  images: readonly { readonly ref: string; readonly name: string }[],
): Promise<void> {
  const host = `127.0.0.1:${await freePort()}`
  const daemon = pushDaemon(paths)
  // One that an interrupted push left behind listens elsewhere.
  await stopDaemon(daemon)
  writeConfig(paths, daemon, host)
  startDaemon(daemon)
  try {
    const probe = ['curl', '-fsS', '-m', '2', '-o', '/dev/null', `http://${host}/v2/`]
    await waitFor('the registry', 20_000, async () => (await run(probe)).code === 0)
    for (const { ref, name } of images) await push(paths, ref, `${host}/${name}`)
  } finally {
    await stopDaemon(daemon)
  }
}

/** The short-lived registry of a push. */
export function pushDaemon(paths: LabPaths): Daemon {
  return registryNamed(paths, 'push-registry')
}

async function push(paths: LabPaths, ref: string, target: string): Promise<void> {
  await docker(paths, ['tag', ref, target])
  try {
    await docker(paths, ['push', '--quiet', target])
  } finally {
    await docker(paths, ['rmi', '--no-prune', target])
  }
}

/** The digest of a tag in the registry, or `null`. */
export async function pushedDigest(name: string, tag: string): Promise<string | null> {
  const url = `http://${registryHost}/v2/${name}/manifests/${tag}`
  const accept = 'accept: application/vnd.docker.distribution.manifest.v2+json'
  const ask = ['curl', '-fsSI', '-m', '5', '-H', accept, url]
  const exit = await run(['ip', 'netns', 'exec', namespaceName, ...ask])
  return /docker-content-digest: (sha256:[0-9a-f]{64})/i.exec(exit.stdout)?.[1] ?? null
}

function registryNamed(paths: LabPaths, name: string): Daemon {
  const config = join(paths.servers, `${name}.yml`)
  return {
    name,
    pidFile: join(paths.servers, `${name}.pid`),
    logFile: join(paths.log, `${name}.log`),
    mark: config,
    argv: ['docker-registry', 'serve', config],
  }
}

/** The registry reads its settings from a file that names the folder and the address. */
function writeConfig(paths: LabPaths, daemon: Daemon, host: string): void {
  const storage = join(paths.cache, 'registry')
  mkdirSync(storage, { recursive: true })
  mkdirSync(paths.servers, { recursive: true, mode: 0o700 })
  const filesystem = `storage:\n  filesystem:\n    rootdirectory: ${storage}\n`
  writeFileSync(
    daemon.mark,
    `version: 0.1\nlog:\n  level: warn\n${filesystem}http:\n  addr: ${host}\n`,
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new LabError('no free loopback port')
  return address.port
}
