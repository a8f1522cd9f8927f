/** Records as the API gives them, for tests. */
import type { Clock, Device, Fleet } from '../api.ts'

export function aClock(fields: Partial<Clock> = {}): Clock {
  return {
    ...{ device: 'pi-gps-01', kind: 'device', address: '192.168.1.101', port: 123 },
    ...{ verdict: 'truechimer', offset_seconds: 2e-6, error_seconds: 4e-4, delay_seconds: 3e-4 },
    ...{ jitter_seconds: 1e-6, root_distance_seconds: 1e-3, precision_seconds: 1e-7 },
    ...{ stratum: 1, refid: 'PPS', leap: 0, sent: 4, answered: 4 },
    ...{ self_reported_offset_seconds: 1e-6, vote: 'pi-gps-01', faults: [], score: 100 },
    ...{ slo: null, alerting: false },
    ...fields,
  }
}

export function aDevice(fields: Partial<Device> = {}): Device {
  return {
    ...{ type: 'device_state', device: 'pi-gps-01', role: 'stratum1', site: null, groups: [] },
    ...{ address: '192.168.1.101', good_time: true, clock: aClock(), reachable: true, drift: [] },
    ...{ outdated: false, image: null, phase: null, key_since_unix_ms: null },
    ...{ backup_unix_ms: null, facts: null },
    ...fields,
  }
}

export function aFleet(fields: Partial<Fleet> = {}): Fleet {
  return {
    ...{ type: 'fleet_status', fleet: 'lab', image_as_written: 'x:1', devices: 4, good: 4 },
    quorum: [{ set: 'stratum1', servers: 2, good: 2, min_good: 1, may_be_away: 1, verdict: 'ok' }],
    ...{ still: null, waiting: [], rollout: null, blocked: [], held_by: null, left: [] },
    ...fields,
  }
}
