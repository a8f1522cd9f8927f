/**
 * The outer Docker Engine, which runs the virtual Pis. It has a data root, socket and containerd
 * namespace of its own and leaves the machine's network and firewall alone.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, daemonPid, startDaemon, stopDaemon } from './daemon.ts'
import { LabError } from './lab-error.ts'
import { must, run, type RunOptions, waitFor } from './run.ts'
import type { LabPaths } from './settings.ts'

const startTimeoutMs = 60_000

/** The engine's process, whether it runs or not. */
export function engineDaemon(paths: LabPaths): Daemon {
  const execRoot = join(paths.run, 'engine')
  return {
    name: 'dockerd',
    pidFile: join(paths.run, 'engine.pid'),
    logFile: join(paths.log, 'dockerd.log'),
    mark: execRoot,
    argv: [
      ['dockerd', '--data-root', join(paths.cache, 'engine'), '--exec-root', execRoot],
      ['--pidfile', join(paths.run, 'dockerd.pid'), '--host', `unix://${paths.socket}`],
      ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
      ['--containerd-namespace', 'timeball-lab'],
      ['--containerd-plugins-namespace', 'timeball-lab-plugins'],
    ].flat(),
  }
}

/** Runs the engine's command line; anything but exit code 0 is a `LabError`. */
export function docker(
  paths: LabPaths,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return must(['docker', ...args], { ...options, env: dockerEnvironment(paths) })
}

/** As `docker`, where a failure is an answer ("no such image"). */
export async function dockerSays(paths: LabPaths, args: readonly string[]): Promise<string | null> {
  const exit = await run(['docker', ...args], { env: dockerEnvironment(paths) })
  return exit.code === 0 ? exit.stdout.trim() : null
}

/** BuildKit needs a helper that Debian does not ship with the engine; the classic builder does not. */
function dockerEnvironment(paths: LabPaths): Record<string, string> {
  return { DOCKER_HOST: `unix://${paths.socket}`, DOCKER_BUILDKIT: '0', DOCKER_CONTEXT: '' }
}

export async function isEngineUp(paths: LabPaths): Promise<boolean> {
  if (!existsSync(paths.socket)) return false
  return (await dockerSays(paths, ['version', '--format', '{{.Server.Version}}'])) !== null
}

/** Starts the engine unless it answers. Fails with the end of its log. */
export async function startEngine(paths: LabPaths): Promise<'started' | 'running'> {
  if (await isEngineUp(paths)) return 'running'
  mkdirSync(paths.run, { recursive: true, mode: 0o700 })
  const daemon = engineDaemon(paths)
  if (daemonPid(daemon) === null) rmSync(join(paths.run, 'dockerd.pid'), { force: true })
  startDaemon(daemon)
  const started = waitFor('the Docker Engine', startTimeoutMs, () => isEngineUp(paths))
  await started.catch((cause: unknown) => {
    const log = readFileSync(daemon.logFile, 'utf8').trim().split('\n').slice(-8).join('\n')
    throw new LabError(`the Docker Engine did not start; ${daemon.logFile} ends with\n${log}`, {
      cause,
    })
  })
  return 'started'
}

export function stopEngine(paths: LabPaths): Promise<void> {
  return stopDaemon(engineDaemon(paths), 30_000)
}
