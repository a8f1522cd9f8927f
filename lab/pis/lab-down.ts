/** Stops the lab: by the ids, pid files and names that it recorded, and nothing else. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { Result } from '@timeball/lib/result.ts'
import { stopDaemon } from './daemon.ts'
import { docker, startEngine, stopEngine } from './engine.ts'
import { caught, type LabFailure } from './lab-error.ts'
import { withLabLock } from './lock.ts'
import { mirrorDaemon } from './mirror.ts'
import { downNamespace } from './namespace.ts'
import { namespacePath } from './network.ts'
import { containerPrefix, volumePrefix } from './pi-container.ts'
import { type OnProgress, patience, step } from './progress.ts'
import { pushDaemon, registryDaemon } from './registry.ts'
import { run } from './run.ts'
import { labPaths, type LabPaths } from './settings.ts'

/** Stops everything; `purge` removes the cache too. Fine when nothing runs. Devices are gone after it. */
export function labDown(options: {
  onProgress: OnProgress
  purge?: 'yes' | 'no'
}): Promise<Result<null, LabFailure>> {
  return caught(() =>
    withLabLock(patience(options.onProgress), () => down(labPaths(process.env), options)),
  )
}

async function down(
  paths: LabPaths,
  options: { onProgress: OnProgress; purge?: 'yes' | 'no' },
): Promise<null> {
  const { onProgress } = options
  await step(onProgress, 'devices', () => downDevices(paths))
  await step(onProgress, 'servers', async () => {
    for (const daemon of [registryDaemon(paths), mirrorDaemon(paths), pushDaemon(paths)])
      await stopDaemon(daemon)
    rmSync(paths.servers, { recursive: true, force: true })
    if (await isShared(paths)) return { detail: 'registry, apt mirror' }
    await stopEngine(paths)
    await unmountBelow(paths.run)
    rmSync(paths.run, { recursive: true, force: true })
    return { detail: 'registry, apt mirror, Docker Engine' }
  })
  await step(onProgress, 'network', async () => {
    await downNamespace()
    return { detail: namespacePath }
  })
  if (options.purge === 'yes') {
    await step(onProgress, 'cache', async () => {
      rmSync(paths.cache, { recursive: true, force: true })
      rmSync(paths.guideState, { recursive: true, force: true })
      return { detail: paths.cache }
    })
  }
  return null
}

/** Whether another lab has devices on the engine. */
async function isShared(paths: LabPaths): Promise<boolean> {
  if (!existsSync(paths.run)) return false
  return (await docker(paths, ['ps', '--all', '--quiet', '--filter', 'name=^lab'])) !== ''
}

/** An engine that died leaves its containers running; only a new one can end them. */
async function downDevices(paths: LabPaths): Promise<{ detail: string }> {
  if (!existsSync(paths.run)) return { detail: 'none' }
  await startEngine(paths)
  const names = (
    await docker(paths, ['ps', '--all', '--quiet', '--filter', `name=^${containerPrefix}`])
  )
    .split('\n')
    .filter(Boolean)
  if (names.length > 0) await docker(paths, ['rm', '--force', '--volumes', ...names])
  const volumes = (
    await docker(paths, ['volume', 'ls', '--quiet', '--filter', `name=^${volumePrefix}`])
  )
    .split('\n')
    .filter(Boolean)
  if (volumes.length > 0) await docker(paths, ['volume', 'rm', '--force', ...volumes])
  return { detail: `${names.length / 2} removed` }
}

/** The engine may leave namespaces mounted; what it unmounts meanwhile itself is no failure. */
async function unmountBelow(folder: string): Promise<void> {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
  for (const point of points.toReversed()) await run(['umount', point])
}
