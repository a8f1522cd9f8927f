/** Devices as they were seen, for tests of plans; and a model of what applying a plan does to one. */
import type { DesiredState } from '../src/core/desired/resource.ts'
import { maskContent, revealContent } from '../src/core/desired/resource.ts'
import { sha256Hex } from '../src/core/hash/sha256.ts'
import { blankDevice } from '../src/core/plan/blank-device.ts'
import type { DevicePlan } from '../src/core/plan/change.ts'
import type {
  Observed,
  ObservedContainer,
  ObservedFile,
  ObservedService,
} from '../src/core/plan/observed.ts'
import { finalFiles } from '../src/core/plan/plan-files.ts'

export function seenFile(path: string, text: string, mode = '0644'): ObservedFile {
  const digest = sha256Hex(blankDevice.nonce + text)
  return { path, state: 'file', mode, digest, content: text }
}

export function seenService(name: string, changes: Partial<ObservedService> = {}): ObservedService {
  return { name, load: 'loaded', active: 'active', enabled: 'enabled', ...changes }
}

export function seenContainer(changes: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    name: 'mcp-utc-time',
    state: 'running',
    imageId: 'sha256:1',
    imageName: null,
    project: 'mcp-utc-time-server',
    versionLabel: null,
    restarts: 0,
    health: 'none',
    activated: true,
    ...changes,
  }
}

/** What the applier makes of a device, by docs/device-protocol.md. */
export function applied(desired: DesiredState, plan: DevicePlan, seen: Observed): Observed {
  const after: Observed = {
    ...seen,
    packages: new Map(seen.packages),
    images: new Map(seen.images),
    services: new Map(seen.services),
    containers: new Map(seen.containers),
    files: new Map(seen.files),
    generation: seen.generation + 1,
    rebootRequired: plan.reboot === 'pending',
  }
  return desired.resources.reduce(
    (device, resource): Observed => {
      switch (resource.kind) {
        case 'package':
          return {
            ...device,
            packages: new Map(device.packages).set(resource.name, resource.version ?? '1'),
          }
        case 'image':
          return { ...device, images: new Map(device.images).set(resource.ref, 'sha256:1') }
        case 'service':
          return {
            ...device,
            services: new Map(device.services).set(resource.name, made(resource)),
          }
        case 'compose':
          return { ...device, containers: new Map([[resource.container, seenContainer()]]) }
        case 'file':
        case 'line':
          return device
      }
    },
    withFiles(desired, after),
  )
}

function made({ name, want }: { name: string; want: 'disabled' | 'running' }): ObservedService {
  return want === 'running'
    ? seenService(name)
    : seenService(name, { active: 'inactive', enabled: 'disabled' })
}

function withFiles(desired: DesiredState, seen: Observed): Observed {
  const written = finalFiles(desired, seen).map((file): ObservedFile => ({
    ...seenFile(file.path, revealContent(file.content), file.mode),
    content: maskContent(file.content, (secret) => `#${sha256Hex(seen.nonce + secret.reveal())}`),
  }))
  const isBoot = ({ path }: ObservedFile): boolean => path === seen.bootConfig?.path
  return {
    ...seen,
    bootConfig: written.find(isBoot) ?? seen.bootConfig,
    files: new Map([
      ...seen.files,
      ...written.filter((file) => !isBoot(file)).map((file) => [file.path, file] as const),
    ]),
  }
}
