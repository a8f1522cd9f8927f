/** What the simulated programs of one device share: its state apart from the files in its folder. */
import type { DeviceFaults } from '../faults.ts'
import type { Registry } from '../images.ts'
import type { SimulatedNtpd } from '../ntpd/simulated-ntpd.ts'
import type { Containers } from './containers.ts'

export interface Unit {
  active: 'active' | 'inactive' | 'failed'
  enabled: 'enabled' | 'disabled' | 'static'
}

export interface Machine {
  readonly name: string
  /** TIMEBALL_ROOT of everything that runs on the device. */
  readonly root: string
  readonly faults: DeviceFaults
  /** Installed version by name; what apt-get changes. */
  readonly packages: Map<string, string>
  /** Units that came with a package. Those below `/etc/systemd/system` are found there. */
  readonly units: Map<string, Unit>
  readonly containers: Containers
  /** Local images by id. */
  readonly images: Map<string, LocalImage>
  readonly registry: Registry
  /** Program and arguments of every container. */
  readonly timeServerCommand: readonly string[]
  /** What stands in for the container's network and image: wins over its `.env`. */
  readonly containerEnvironment: Readonly<Record<string, string>>
  readonly containerLog: string
  /** Of a container, by its name. */
  readonly ntpd: (container: string) => SimulatedNtpd | null
  /** Runs `command` with `sh -c` in the device's environment; resolves with its exit status. */
  readonly run: (command: readonly string[]) => Promise<number>
  /** Resolves as soon as the reboot is under way. */
  readonly reboot: () => void
  /** Timers by unit name without suffix. */
  readonly timers: Map<string, NodeJS.Timeout>
}

export interface LocalImage {
  readonly id: string
  readonly ref: string
}
