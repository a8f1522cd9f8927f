/** The simulated ntpds of a device: each runs exactly as long as its container does. */
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
  /** That of the container; `null` while it does not run. */
  current(container: string): SimulatedNtpd | null
  /** Resolves when the ports are free. */
  stop(): Promise<void>
}

export function ntpService(options: NtpServiceOptions, clock: DeviceClock): NtpService {
  const daemons = new Map<string, SimulatedNtpd>()
  let work: Promise<void> = Promise.resolve()

  async function close(name: string): Promise<void> {
    await daemons.get(name)?.close()
    daemons.delete(name)
  }

  async function replace({ spec, state }: Container): Promise<void> {
    await close(spec.name)
    if (state !== 'running') return
    const { environment, imageId } = spec
    const behaviour = behaviourOf(options.registry, imageId)
    const daemon = await startSimulatedNtpd({
      address: options.address,
      port: Number(environment['NTP_PORT'] ?? options.ntpPort),
      gps: environment['ENABLE_GPS'] === 'yes',
      upstreams: upstreamsOf(environment['NTP_SERVERS'] ?? '', options.neighbours),
      pollIntervalMs: options.ntpPollIntervalMs,
      faults: () => ({
        offsetMs: clock.offsetMs + behaviour.offsetMs,
        unsynchronised: clock.unsynchronised || behaviour.fault === 'unsynchronised',
      }),
    })
    daemons.set(spec.name, daemon)
  }

  /** One after the other: the port of the last daemon must be free before the next one binds it. */
  function then(task: () => Promise<void>): Promise<void> {
    // The port can be taken by a stranger between two containers; then there is no NTP, as in life.
    work = work.then(task).catch(() => {})
    return work
  }

  return {
    containerChanged: (container) => void then(() => replace(container)),
    current: (container) => daemons.get(container) ?? null,
    stop: () =>
      then(async () => {
        for (const name of [...daemons.keys()]) await close(name)
      }),
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
