/** One embedded device: its folder, its SSH server, its machine, its containers, its ntpd. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noFaults, type DeviceFaults } from './faults.ts'
import type { Registry } from './images.ts'
import type { KeyPair } from './keys.ts'
import { answerCalls } from './machine/calls.ts'
import { containers } from './machine/containers.ts'
import type { Machine } from './machine/machine.ts'
import { freshPackages } from './machine/packages.ts'
import { runProgram } from './machine/programs.ts'
import { bootCommands } from './machine/systemd.ts'
import { ntpService } from './ntp-service.ts'
import type { UpstreamAddress } from './ntpd/simulated-ntpd.ts'
import { processes } from './processes.ts'
import { makeBinFolder, makeRootFolder, newBootId } from './root-folder.ts'
import { startSshServer } from './ssh-server.ts'

/** Where a device is: all ports are on `address`. */
export interface DeviceAddress {
  readonly name: string
  readonly address: string
  readonly sshPort: number
  readonly httpPort: number
  readonly metricsPort: number
  readonly ntpPort: number
}

/** What is wrong with the clock of a device on purpose; added to what its image does. */
export interface DeviceClock {
  /** In ms; positive is ahead of true time. */
  offsetMs: number
  /** No fix of the receiver, or a daemon that does not come into step. */
  unsynchronised: boolean
}

export interface EmbeddedDevice extends DeviceAddress {
  /** TIMEBALL_ROOT: the device's `/`. */
  readonly root: string
  readonly faults: DeviceFaults
  readonly clock: DeviceClock
  /** Pulls the plug: every process ends at once, without a word. */
  powerOff(): Promise<void>
  /** A new boot: the boot units run, containers come back, then SSH answers. */
  powerOn(): Promise<void>
}

export interface DeviceOptions extends DeviceAddress {
  readonly folder: string
  readonly hostKey: KeyPair
  readonly authorizedKey: string
  readonly registry: Registry
  /** All members of the fleet, this one too. */
  readonly neighbours: readonly UpstreamAddress[]
  readonly timeServerCommand: readonly string[]
  readonly ntpPollIntervalMs: number
  readonly onEvent: (event: DeviceEvent) => void
}

/** What happens on a device, for a demo to show. */
export interface DeviceEvent {
  readonly device: string
  readonly kind: 'container-started' | 'container-ended' | 'powered-off' | 'powered-on'
  /** Image of the container; `null` for the others. */
  readonly image: string | null
}

const path = (bin: string): string => `${bin}:/usr/local/bin:/usr/bin:/bin`

export async function startDevice(options: DeviceOptions): Promise<EmbeddedDevice> {
  const { name, folder, onEvent } = options
  const root = join(folder, 'root')
  const calls = join(folder, 'calls')
  const bin = join(folder, 'bin')
  await mkdir(calls, { recursive: true })
  await Promise.all([makeRootFolder(root, name), makeBinFolder(bin)])
  await writeFile(join(folder, 'machine.pid'), `${process.pid}\n`)

  const environment = {
    PATH: path(bin),
    HOME: join(root, 'home/pi'),
    USER: 'pi',
    LOGNAME: 'pi',
    SHELL: '/bin/sh',
    LC_ALL: 'C',
    TIMEBALL_ROOT: root,
  }
  const running = processes(`TIMEBALL_ROOT=${root}`)
  const faults = noFaults()
  const clock: DeviceClock = { offsetMs: 0, unsynchronised: false }
  const ntp = ntpService(options, clock)
  const machine: Machine = {
    name,
    root,
    faults,
    packages: freshPackages(),
    units: new Map([
      ['ssh.service', { active: 'active', enabled: 'enabled' }],
      ['docker.service', { active: 'active', enabled: 'enabled' }],
      ['systemd-timesyncd.service', { active: 'active', enabled: 'enabled' }],
    ]),
    containers: containers((container) => {
      const isUp = container.state === 'running'
      ntp.containerChanged(container)
      const kind = isUp ? 'container-started' : 'container-ended'
      onEvent({ device: name, kind, image: container.spec.imageRef })
    }),
    images: new Map(),
    registry: options.registry,
    timeServerCommand: options.timeServerCommand,
    containerEnvironment: {
      PATH: environment.PATH,
      BIND_ADDRESS: options.address,
      HTTP_PORT: String(options.httpPort),
      METRICS_PORT: String(options.metricsPort),
      NTP_HOST: options.address,
      NTP_PORT: String(options.ntpPort),
      DISK_PATH: root,
    },
    containerLog: join(folder, 'container.log'),
    ntpd: () => ntp.current(),
    run: (command) => run(command),
    reboot: () => void reboot(),
    timers: new Map(),
  }

  function run(command: readonly string[]): Promise<number> {
    const [program = '', ...argv] = command
    const stdio = ['ignore', 'ignore', 'ignore'] as const
    const child = spawn(program, argv, {
      cwd: root,
      env: environment,
      detached: true,
      stdio: [...stdio],
    })
    running.add(child)
    return new Promise((resolve) => {
      child.once('error', () => resolve(127))
      child.once('exit', (code) => resolve(code ?? 255))
    })
  }

  const host = {
    environment,
    home: environment.HOME,
    started: (child: ChildProcess) => running.add(child),
  }
  const listen = (): ReturnType<typeof startSshServer> =>
    startSshServer({
      address: options.address,
      port: options.sshPort,
      hostKey: options.hostKey.privateKey,
      user: 'pi',
      authorizedKey: options.authorizedKey,
      faults,
      host,
    })
  const answering = (): ReturnType<typeof answerCalls> =>
    answerCalls(calls, (call) => runProgram(machine, call))
  let power: {
    ssh: Awaited<ReturnType<typeof listen>>
    calls: ReturnType<typeof answering>
  } | null = { ssh: await listen(), calls: answering() }

  async function powerOff(): Promise<void> {
    if (power === null) return
    const { ssh, calls } = power
    power = null
    for (const timer of machine.timers.values()) clearTimeout(timer)
    machine.timers.clear()
    await Promise.all([ssh.close(), running.killAll(), machine.containers.killAll()])
    await calls.close()
    await ntp.stop()
    onEvent({ device: name, kind: 'powered-off', image: null })
  }

  async function powerOn(): Promise<void> {
    if (power !== null) return
    await newBootId(root)
    const answers = answering()
    for (const command of await bootCommands(machine)) await run(['/bin/sh', '-c', command])
    for (const { spec } of machine.containers.list()) await machine.containers.restart(spec.name)
    power = { ssh: await listen(), calls: answers }
    onEvent({ device: name, kind: 'powered-on', image: null })
  }

  async function reboot(): Promise<void> {
    await powerOff()
    await powerOn()
  }

  const { address, sshPort, httpPort, metricsPort, ntpPort } = options
  const place = { name, address, sshPort, httpPort, metricsPort, ntpPort, root }
  return { ...place, faults, clock, powerOff, powerOn }
}
