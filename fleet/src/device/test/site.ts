/** The desired state that the applier's tests apply, and what a device looks like that has it. */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { activateManifest } from '../../core/bundle/bundle.ts'
import { newNonce, sha256, TestDevice } from './device.ts'
import type { Run, RunOptions, ShellName } from './device.ts'

export const paths = {
  gpsd: '/etc/default/gpsd',
  ntp: '/etc/ntpsec/ntp.conf',
  env: '/opt/time/.env',
  compose: '/opt/time/compose.yml',
  boot: '/boot/firmware/config.txt',
} as const
export type SiteFile = keyof typeof paths
export const siteFiles = ['gpsd', 'ntp', 'env', 'compose', 'boot'] as const

const modes = { gpsd: '0644', ntp: '0644', env: '0600', compose: '0644', boot: '0644' } as const
export const image = 'ghcr.io/example/time@sha256:0123'

export type Contents = Readonly<Record<SiteFile, string>>

export function secretsOf(day: string): string {
  return `API_KEY_1=key-of-${day}\n`
}

/** Release `name`: every file differs between two releases. */
export function contentsOf(name: string, secrets = secretsOf('today')): Contents {
  return {
    gpsd: `DEVICES="/dev/ttyAMA0" # ${name}\n`,
    ntp: `# ${name}\nserver 127.127.20.0\n`,
    env: `# ${name}\n${secrets}LOG_LEVEL=info\n`,
    compose: `container_name: time\nimage: ${image}\n# ${name}\n`,
    boot: `dtoverlay=pps-gpio # ${name}\n`,
  }
}

export interface ApplyOptions extends RunOptions {
  readonly operation?: string
  readonly epoch?: number
  readonly base?: number
  readonly state?: string
  readonly confirmSeconds?: number
  readonly observedNonce?: string
  /** What each file was when it was observed; `any` where nothing is said. */
  readonly before?: Partial<Record<SiteFile, string>>
  /** Changes the finished manifest. */
  readonly edit?: (lines: string[]) => string[]
  /** The lines that go along with a rollback. */
  readonly secrets?: string
  /** What is sent for each file, where it is not what the manifest says. */
  readonly sent?: Partial<Contents>
}

let operations = 0

function newOperation(): string {
  operations += 1
  return `operation-${operations}`
}

export function head(mode: string, options: ApplyOptions = {}): string[] {
  return [
    'timeball-manifest 1',
    `mode ${mode}`,
    `operation ${options.operation ?? newOperation()}`,
    `nonce ${newNonce()}`,
    `epoch ${options.epoch ?? (mode === 'observe' ? 0 : 1)}`,
  ]
}

/** Applies `contents`; the base generation is what the device has, unless an option says other. */
export function apply(device: TestDevice, contents: Contents, options: ApplyOptions = {}): Run {
  const base = options.base ?? Number(device.read('/var/lib/timeball/current') ?? '0')
  const lines = [
    ...head('apply', options),
    `base-generation ${base}`,
    `observed-nonce ${options.observedNonce ?? newNonce()}`,
    `state ${options.state ?? sha256(JSON.stringify(contents))}`,
    `confirm-seconds ${options.confirmSeconds ?? 120}`,
    'package ntpsec',
    `image ${image}`,
    ...siteFiles.map((file, index) =>
      [
        'file',
        index,
        sha256(contents[file]),
        modes[file],
        options.before?.[file] ?? 'any',
        paths[file],
      ].join(' '),
    ),
    `secrets ${paths.env}`,
    'service systemd-timesyncd.service disable',
    `service gpsd.service restart ${paths.gpsd}`,
    `service ntpsec.service restart ${paths.ntp} ${paths.gpsd}`,
    'compose /opt/time compose.yml time',
    `reboot-when ${paths.boot}`,
  ]
  const files = siteFiles.map((file) => options.sent?.[file] ?? contents[file])
  return device.run(options.edit?.(lines) ?? lines, files, options)
}

export function confirm(device: TestDevice, generation: number, options: RunOptions = {}): Run {
  return device.run([...head('confirm'), `generation ${generation}`], [], options)
}

export function revert(device: TestDevice, options: ApplyOptions = {}): Run {
  return device.run(head('revert', options), [], options)
}

export function activate(device: TestDevice, generation: number, options: ApplyOptions = {}): Run {
  const id = options.operation ?? newOperation()
  const operation = { id, nonce: newNonce(), epoch: options.epoch ?? 1 }
  const lines = options.secrets ?? secretsOf('today')
  const secrets = [{ path: paths.env, mode: modes.env, content: [lines] }]
  const manifest = activateManifest({ generation, retrySeconds: 60, secrets }, operation)
  return device.run(options.edit?.(manifest.slice()) ?? manifest, [lines], options)
}

/** A Raspberry Pi on which Timeball has never done anything. */
export function newDevice(shell: ShellName): TestDevice {
  const device = new TestDevice(shell)
  device.write('/etc/os-release', 'NAME="Debian"\nID=debian\nVERSION_ID="13"\n')
  device.write('/etc/hostname', 'pi-gps-01\n')
  device.write('/world/packages/git', '1:2.47.2-0.2\n')
  device.write('/world/units/gpsd.service', 'loaded inactive disabled\n')
  device.write('/world/units/systemd-timesyncd.service', 'loaded active enabled\n')
  device.write('/world/brings/ntpsec/world/units/ntpsec.service', 'loaded active enabled\n')
  device.write('/world/brings/ntpsec/etc/ntpsec/ntp.conf', '# as packaged\n')
  device.write(paths.boot, contentsOf('factory').boot)
  return device
}

/** A device on which generation 1 is `contents`, confirmed. */
export function settledDevice(shell: ShellName, contents: Contents): TestDevice {
  const device = newDevice(shell)
  assert.deepEqual(apply(device, contents).report().end, { status: 'ok', generation: 1 })
  assert.deepEqual(confirm(device, 1).report().end, { status: 'ok', generation: 1 })
  return device
}

let checkpoints = 0

/** Remembers the device as it is now, so that a test can go back to it often and quickly. */
export function checkpoint(device: TestDevice): { restore(): void; dispose(): void } {
  checkpoints += 1
  const copy = `${device.root}.checkpoint-${checkpoints}`
  cpSync(device.root, copy, { recursive: true, verbatimSymlinks: true })
  return {
    restore() {
      rmSync(device.root, { recursive: true })
      mkdirSync(device.root)
      cpSync(copy, device.root, { recursive: true, verbatimSymlinks: true })
    },
    dispose: () => rmSync(copy, { recursive: true, force: true }),
  }
}

/** Which release each file on the device is from; fails when a file is neither. */
export function releaseOf(device: TestDevice, names: readonly string[]): string {
  const seen = siteFiles.map((file) => {
    const content = device.read(paths[file])
    const name = names.find((each) => contentsOf(each)[file] === content)
    assert.ok(name !== undefined, `${paths[file]} is of no release: ${JSON.stringify(content)}`)
    assert.equal(device.mode(paths[file]), modes[file], `mode of ${paths[file]}`)
    return name
  })
  const [first = ''] = seen
  assert.deepEqual(
    seen,
    seen.map(() => first),
    'all files are of one release',
  )
  return first
}

/** The release that the container runs with. */
export function runningRelease(device: TestDevice, names: readonly string[]): string | null {
  const running = device.read('/world/running/time')
  return names.find((name) => running === contentsOf(name).compose + contentsOf(name).env) ?? null
}

/** Kept files with a text in them, below the folder of generations. */
export function keptWith(device: TestDevice, text: string): string[] {
  const folder = device.path('/var/lib/timeball/generations')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .filter((name) => readFileSync(join(folder, name), 'utf8').includes(text))
    .toSorted()
}
