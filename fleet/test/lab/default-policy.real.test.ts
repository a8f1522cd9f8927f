/**
 * The guide's own files, and nothing shortened: a good release passes on devices with a receiver, where
 * no name resolves and ntpd complains of it all the time. Needs root on Debian, and half an hour.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '@timeball/lab/pis/run.ts'
import { copyOfGuide } from './command-line.ts'
import {
  byDigest,
  containers,
  endOf,
  fleetInLab,
  imageCalled,
  onDevice,
  pendingDevices,
} from './rollout-fleet.ts'
import { assertQuorumKept, whileWatched } from './rollout-watch.ts'

const lab = fleetInLab(copyOfGuide)
const receivers = ['pi-gps-01', 'pi-gps-02']

/** Lines of a server about names that do not resolve. */
async function complaints(device: string): Promise<number> {
  const lines = await onDevice({ name: device }, 'docker logs mcp-utc-time 2>&1')
  return lines.split('\n').filter((line) => /error|fail/i.test(line) && /DNS|resol/i.test(line))
    .length
}

test(
  'a good release passes with the default policy where no name resolves',
  {
    timeout: 3_000_000,
  },
  async (context) => {
    for (const device of receivers) {
      await waitFor(`${device} to complain`, 180_000, async () => (await complaints(device)) > 0)
    }
    const args = ['--yes', '--image', imageCalled('1.1.0'), '--limit', 'stratum1']
    const { value: ended, rounds } = await whileWatched(() => lab.rollout('start', args))
    for (const device of receivers) {
      context.diagnostic(`${device}: ${await complaints(device)} complaints since the change`)
    }
    assert.equal(ended.exit, 0, `${ended.stdout}\n${ended.stderr}`)
    const { devices, end } = endOf(ended)
    assert.equal(end, 'done')
    assert.deepEqual(
      devices.map(({ device, phase }) => `${device} ${phase}`).toSorted(),
      receivers.map((device) => `${device} healthy`),
    )
    const running = await containers()
    for (const device of receivers) {
      assert.equal(running.get(device)?.image, byDigest(lab.images, '1.1.0'), device)
    }
    assert.deepEqual(await pendingDevices(), [])
    assertQuorumKept(rounds)
  },
)
