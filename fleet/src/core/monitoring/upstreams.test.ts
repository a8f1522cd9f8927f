import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetOf, inventoryOf } from '../../../test/make-fleet.ts'
import { upstreamSets } from './upstreams.ts'

test('followers are grouped by the servers that they follow', () => {
  assert.deepEqual(upstreamSets(fleetOf().devices), [
    { upstreams: ['pi-gps-01', 'pi-gps-02'], followers: ['pi-ntp-01', 'pi-ntp-02'] },
  ])
})

test('a follower with a server outside the fleet, or with a receiver, does not depend on them', () => {
  const { devices } = fleetOf(
    inventoryOf({
      'pi-1': ['ansible_host: 192.168.1.1', 'gps_enabled: yes'],
      'pi-2': ['ansible_host: 192.168.1.2', 'ntp_servers: "pi-1,ntp.example.org"'],
      'pi-3': ['ansible_host: 192.168.1.3', 'ntp_servers: "pi-1"', 'gps_enabled: yes'],
      'pi-4': ['ansible_host: 192.168.1.4', 'ntp_servers: "pi-1"'],
    }),
  )
  assert.deepEqual(upstreamSets(devices), [{ upstreams: ['pi-1'], followers: ['pi-4'] }])
})
