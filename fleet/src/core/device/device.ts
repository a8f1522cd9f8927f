/** One device as the inventory describes it, read and checked. */

export type Role = 'stratum1' | 'stratum2'

/** What it takes to reach a device. */
export interface Reachable {
  readonly name: string
  /** IP address or host name at which the device is reached. */
  readonly address: string
  readonly sshPort: number
  readonly user: string
  /** `null`: what ssh finds by itself. */
  readonly privateKeyFile: string | null
  readonly commonArgs: readonly string[]
}

export interface Device extends Reachable {
  readonly role: Role
  readonly groups: readonly string[]
  readonly gps: boolean
  readonly pps: boolean
  /** BCM number of the pin that carries the pulse. */
  readonly ppsGpio: number
  /** Addresses of the time sources; names of fleet members are resolved already. */
  readonly ntpServers: readonly string[]
  /** Stratum of the undisciplined clock as a last resort; never below 10. */
  readonly localStratum: number
  readonly httpPort: number
  readonly metricsPort: number
  readonly ntpPort: number
  /** Model of its receiver: those with the same one can fail together. `null`: not said. */
  readonly receiver: string | null
  /** How late its sentences are, in seconds; `null`: as the time server takes it by default. */
  readonly gpsLatencySeconds: number | null
  /** Where it stands, as the inventory's `site` says; `null`: not said. */
  readonly site: string | null
}
