/** One embedded device: its folder, its SSH server, its machine, its containers, its ntpd. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noFaults, type DeviceFaults } from './faults.ts'
import type { Registry } from './images.ts'
import { makeKeyPair, type KeyPair } from './keys.ts'
import { answerCalls } from './machine/calls.ts'
import { containers } from './machine/containers.ts'
import type { Machine } from './machine/machine.ts'
import { freshPackages } from './machine/packages.ts'
import { runProgram } from './machine/programs.ts'
import { bootCommands, freshUnits } from './machine/systemd.ts'
import { ntpService } from './ntp-service.ts'
import type { UpstreamAddress } from './ntpd/simulated-ntpd.ts'
import { powerSwitch } from './power-switch.ts'
import { processes, type Processes } from './processes.ts'
import { startReceiver } from './receiver.ts'
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
  /** Its card is destroyed; a blank one with a host key of its own boots. Gives the key's public half. */
  newCard(): Promise<string>
}

export interface DeviceOptions extends DeviceAddress {
  readonly folder: string
  /** Lines at the end of its boot configuration. */
  readonly bootConfig: string
  readonly receiver: 'simulated' | 'none'
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

/** Starts a device that is switched on. Rejects when one of its ports is taken. */
export async function startDevice(options: DeviceOptions): Promise<EmbeddedDevice> {
  const { name, folder } = options
  const root = join(folder, 'root')
  const bin = join(folder, 'bin')
  const calls = join(folder, 'calls')
  await mkdir(calls, { recursive: true })
  await Promise.all([makeRootFolder(root, options), makeBinFolder(bin)])
  let { hostKey } = options
  let cards = 0
  await writeFile(join(folder, 'machine.pid'), `${process.pid}\n`)

  const environment = sessionEnvironment(root, bin)
  const running = processes(`TIMEBALL_ROOT=${root}`)
  const faults = noFaults()
  const clock: DeviceClock = { offsetMs: 0, unsynchronised: false }
  const ntp = ntpService(options, clock)
  const run = runInBackground({ root, environment, running })
  const machine: Machine = {
    name,
    root,
    faults,
    packages: freshPackages(),
    units: freshUnits(),
    containers: containers((container) => {
      ntp.containerChanged(container)
      const kind = container.state === 'running' ? 'container-started' : 'container-ended'
      options.onEvent({ device: name, kind, image: container.spec.imageRef })
    }),
    images: new Map(),
    registry: options.registry,
    timeServerCommand: options.timeServerCommand,
    containerEnvironment: containerEnvironment(options, root),
    containerLog: join(folder, 'container.log'),
    ntpd: (container) => ntp.current(container),
    run,
    reboot: () => power.cycle(),
    timers: new Map(),
  }
  const home = join(root, 'home/pi')
  const host = { environment, home, started: (child: ChildProcess) => running.add(child) }
  const power = powerSwitch({
    async on() {
      const answers = answerCalls(calls, (call) => runProgram(machine, call))
      for (const { spec } of machine.containers.list()) {
        if (spec.once !== true) await machine.containers.restart(spec.name)
      }
      for (const command of await bootCommands(machine)) await run(['/bin/sh', '-c', command])
      const endReceiver = options.receiver === 'none' ? () => {} : await startReceiver(root)
      const port = options.sshPort
      const ssh = await startSshServer({
        ...options,
        ...{ port, hostKey: hostKey.privateKey, user: 'pi', faults, host },
      })
      return async () => {
        for (const timer of machine.timers.values()) clearTimeout(timer)
        machine.timers.clear()
        endReceiver()
        await Promise.all([ssh.close(), running.killAll(), machine.containers.killAll()])
        await answers.close()
        await ntp.stop()
        await newBootId(root)
      }
    },
    changed(isOn) {
      options.onEvent({ device: name, kind: isOn ? 'powered-on' : 'powered-off', image: null })
    },
  })
  await power.on()

  const { address, sshPort, httpPort, metricsPort, ntpPort } = options
  const place: DeviceAddress = { name, address, sshPort, httpPort, metricsPort, ntpPort }
  return {
    ...place,
    root,
    faults,
    clock,
    powerOff: () => power.off(),
    powerOn: () => power.on(),
    async newCard() {
      await power.off()
      await rm(root, { recursive: true })
      await makeRootFolder(root, options)
      await blank(machine)
      hostKey = await makeKeyPair(join(folder, `card-${(cards += 1)}`))
      await power.on()
      return hostKey.publicKey
    },
  }
}

/** What was on the card, but not in the root's folder. */
async function blank({ containers: running, images, packages, units }: Machine): Promise<void> {
  for (const { spec } of running.list()) await running.remove(spec.name)
  images.clear()
  packages.clear()
  for (const [name, version] of freshPackages()) packages.set(name, version)
  units.clear()
  for (const [name, unit] of freshUnits()) units.set(name, unit)
}

/** What sshd gives to a command of user pi, with the device's own programs first. */
function sessionEnvironment(root: string, bin: string): Record<string, string> {
  return {
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(root, 'home/pi'),
    USER: 'pi',
    LOGNAME: 'pi',
    SHELL: '/bin/sh',
    LC_ALL: 'C',
    TIMEBALL_ROOT: root,
  }
}

/** Stands in for the container's network and its volumes: wins over the `.env`. */
function containerEnvironment(at: DeviceAddress, root: string): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    BIND_ADDRESS: at.address,
    HTTP_PORT: String(at.httpPort),
    METRICS_PORT: String(at.metricsPort),
    NTP_HOST: at.address,
    NTP_PORT: String(at.ntpPort),
    DISK_PATH: root,
  }
}

interface Surroundings {
  readonly root: string
  readonly environment: Readonly<Record<string, string>>
  readonly running: Processes
}

function runInBackground({ root, environment, running }: Surroundings): Machine['run'] {
  return (command) => {
    const [program = '', ...argv] = command
    const env = { ...environment }
    const child = spawn(program, argv, { cwd: root, env, detached: true, stdio: 'ignore' })
    running.add(child)
    return new Promise((resolve) => {
      child.once('error', () => resolve(127))
      child.once('exit', (code) => resolve(code ?? 255))
    })
  }
}
