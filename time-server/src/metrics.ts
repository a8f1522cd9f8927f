/**
 * What `GET /metrics` says. Pure. A value that is not known is absent: a false zero would be a good
 * offset. Only `ntp_synced` is always there, and 0 unless it is known to be in step.
 */
import type { PeerState } from '@timeball/clock/control/state.ts'
import { formatExposition } from '@timeball/lib/exposition.ts'
import type { Metric } from '@timeball/lib/exposition.ts'
import { contradictionKinds } from './contradictions.ts'
import type { Health } from './health.ts'
import type { Observation } from './observe.ts'

/** The exposition of one check and of what was decided about it, and of `others`. */
export function formatMetrics(
  observation: Observation,
  health: Health,
  others: readonly Metric[] = [],
): string {
  const daemon = observation.daemon.ok ? observation.daemon.value : null
  const peers = daemon?.peers ?? []
  return formatExposition([
    gauge('ntp_synced', '1 when ntpd is known to follow a real source', synced(health)),
    ...ntpMetrics(health),
    peerGauge('ntp_peer_offset_ms', 'Offset to the peer', peers, (peer) => peer.offsetMs),
    peerGauge(
      'ntp_peer_reach',
      'The last eight polls of the peer as bits',
      peers,
      (peer) => peer.reach,
    ),
    peerInfo(peers),
    gauge(
      'ntp_leap_list_expiry_timestamp_seconds',
      'When the list of leap seconds expires',
      daemon?.system.leapListExpiresAtSeconds ?? null,
    ),
    gauge('disk_usage_percent', 'Use of the file system', health.disk.used_percent),
    gauge('time_server_clock_disciplined', '1 when ntpd may steer the clock', disciplined(health)),
    gauge('time_server_uptime_seconds', 'Since this process began', observation.uptimeSeconds),
    buildInfo(health.version),
    ...others,
  ])
}

function ntpMetrics({ ntp }: Health): Metric[] {
  return [
    gauge('ntp_offset_ms', 'Offset to the source, in its own word', ntp.offset_ms),
    gauge('ntp_stratum', 'Stratum of this server; 16 is not synchronised', ntp.stratum),
    gauge('ntp_leap', 'Leap indicator; 3 is alarm', ntp.leap),
    gauge('ntp_root_delay_ms', 'Round trip to the primary source', ntp.root_delay_ms),
    gauge('ntp_root_dispersion_ms', 'Error bound to the primary source', ntp.root_dispersion_ms),
    gauge('ntp_jitter_ms', 'Jitter of the sources', ntp.jitter_ms),
    gauge('ntp_frequency_ppm', 'Correction of the clock frequency', ntp.frequency_ppm),
    gauge('ntp_reference_age_seconds', 'Since the last update', ntp.reftime_age_seconds),
    gauge('ntp_reach', 'The last eight polls of the source as bits', ntp.selected?.reach ?? null),
    gauge('ntp_peers', 'Sources that are configured', ntp.peers),
    contradictionMetric(ntp.contradictions),
  ]
}

function contradictionMetric(found: Health['ntp']['contradictions']): Metric {
  const samples =
    found === null
      ? []
      : contradictionKinds.map((kind) => ({
          labels: { kind },
          value: Number(found.includes(kind)),
        }))
  return {
    name: 'ntp_contradiction',
    help: '1 where ntpd tells a figure twice, and differently',
    samples,
  }
}

function gauge(name: string, help: string, value: number | null): Metric {
  return { name, help, samples: value === null ? [] : [{ labels: {}, value }] }
}

function peerGauge(
  name: string,
  help: string,
  peers: readonly PeerState[],
  read: (peer: PeerState) => number | null,
): Metric {
  const samples = oncePerAddress(peers).flatMap((peer) => {
    const value = read(peer)
    return value === null ? [] : [{ labels: { peer: peer.address }, value }]
  })
  return { name, help, samples }
}

/** What changes stands here: as a label of the values it would make another series of each. */
function peerInfo(peers: readonly PeerState[]): Metric {
  const samples = oncePerAddress(peers).map(({ address, refid, status }) => ({
    labels: { peer: address, refid: refid ?? '', tally: status.tally },
    value: 1,
  }))
  return { name: 'ntp_peer_info', help: 'What the peer follows, and how ntpd marks it', samples }
}

/** Two associations with one address would be a duplicate series, and fail the whole scrape. */
function oncePerAddress(peers: readonly PeerState[]): readonly PeerState[] {
  return peers.filter(
    (peer, index) => peers.findIndex(({ address }) => address === peer.address) === index,
  )
}

function synced(health: Health): number {
  return health.ntp.synced === true ? 1 : 0
}

function disciplined(health: Health): number | null {
  return health.clock.disciplined === null ? null : Number(health.clock.disciplined)
}

function buildInfo(version: string): Metric {
  const samples = [{ labels: { version }, value: 1 }]
  return { name: 'timeball_time_server_build_info', help: 'Which release this is', samples }
}
