/** The simulated ntpd of a device: it runs exactly as long as the device's container does. */
import type { DeviceAddress, DeviceClock } from './device.ts'
import { behaviourOf, type Registry } from './images.ts'
import type { Container } from './machine/containers.ts'
import {
  startSimulatedNtpd,
  type SimulatedNtpd,
  type UpstreamAddress,
} from './ntpd/simulated-ntpd.ts'

export interface NtpServiceOptions extends DeviceAddress {
  readonly registry: Registry
  readonly neighbours: readonly UpstreamAddress[]
  readonly ntpPollIntervalMs: number
}

export interface NtpService {
  containerChanged(container: Container): void
  current(): SimulatedNtpd | null
  /** Resolves when the port is free. */
  stop(): Promise<void>
}

export function ntpService(options: NtpServiceOptions, clock: DeviceClock): NtpService {
  let daemon: SimulatedNtpd | null = null
  let work: Promise<void> = Promise.resolve()

  async function replace(container: Container | null): Promise<void> {
    await daemon?.close()
    daemon = null
    if (container === null) return
    const { environment, imageId } = container.spec
    const behaviour = behaviourOf(options.registry, imageId)
    daemon = await startSimulatedNtpd({
      address: options.address,
      port: options.ntpPort,
      gps: environment['ENABLE_GPS'] === 'yes',
      upstreams: upstreamsOf(environment['NTP_SERVERS'] ?? '', options.neighbours),
      pollIntervalMs: options.ntpPollIntervalMs,
      faults: () => ({
        offsetMs: clock.offsetMs + behaviour.offsetMs,
        unsynchronised: clock.unsynchronised || behaviour.fault === 'unsynchronised',
      }),
    })
  }

  /** One after the other: the port of the last daemon must be free before the next one binds it. */
  function then(container: Container | null): Promise<void> {
    // The port can be taken by a stranger between two containers; then there is no NTP, as in life.
    work = work.then(() => replace(container)).catch(() => {})
    return work
  }

  return {
    containerChanged: (container) => void then(container.state === 'running' ? container : null),
    current: () => daemon,
    stop: () => then(null),
  }
}

/** Strangers are listed and never sent a packet. */
function upstreamsOf(list: string, neighbours: readonly UpstreamAddress[]): UpstreamAddress[] {
  return list
    .split(',')
    .filter((name) => name !== '')
    .map(
      (name) =>
        neighbours.find((each) => each.address === name || each.name === name) ?? {
          name,
          address: '0.0.0.0',
          port: 123,
        },
    )
}
