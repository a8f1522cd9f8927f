/**
 * Faults at steps of a rollout, forward and back, on virtual Pis: the controller is killed, the power
 * or the network fails, for one device. Afterwards at most one `resume` is needed, no device is left
 * half changed or on a blocked release, and clients had good time all the while.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { docker } from '@timeball/lab/pis/engine.ts'
import { piContainer } from '@timeball/lab/pis/pi-container.ts'
import { run, waitFor } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import type { Ended } from './command-line.ts'
import { faultRow, type Cell, type FaultRow } from './fault-table.ts'
import {
  byDigest,
  cable,
  containers,
  endOf,
  imageCalled,
  labInAHurry,
  onDevice,
  pendingDevices,
  type FleetInLab,
  type Line,
} from './rollout-fleet.ts'
import { assertQuorumKept, whileWatched } from './rollout-watch.ts'

const victim = 'pi-ntp-01'
const paths = labPaths(process.env)
const device = guideDevices.find(({ name }) => name === victim)
assert.ok(device)
/** How long a cable is cut: longer than `confirm_timeout` of this fleet. */
const outageMs = 30_000

/** A test for each cell, in a lab that begins with nothing; what came of them is added to `rows`. */
export function faultSuite(cells: readonly Cell[], rows: FaultRow[]): void {
  const lab = labInAHurry()

  for (const cell of cells) {
    test(
      `${cell.fault}, ${cell.step}: one resume is enough`,
      { timeout: 400_000 },
      async (context) => {
        const { images, rollout } = lab
        // A row that failed must not take the others with it.
        await cable(victim, 'up')
        await rollout('abort', [])
        for (const { version } of images) await rollout('unblock', [byDigest(images, version)])
        const earlier = (await containers()).get(victim)?.image
        assert.ok(earlier !== undefined)
        const version = cell.way === 'back' ? 'shifted' : nextGood(images, earlier)
        const beganMs = performance.now()
        const { value, rounds } = await whileWatched(async () => {
          const first = await hurt(lab, cell, version)
          const end = first.exit === null ? null : endOf(first).end
          const isResumed = end === null || end === 'needs_attention'
          return { isResumed, ended: isResumed ? await rollout('resume', []) : first }
        })
        const { isResumed, ended } = value
        const { end, devices } = endOf(ended)
        context.diagnostic(
          `${end}: ${devices.find(({ device: name }) => name === victim)?.why ?? ''}`,
        )
        assert.ok(
          end === 'done' || end === 'rolled_back',
          `${end}\n${ended.stdout}\n${ended.stderr}`,
        )
        await waitFor('every timer of the device to be over', 90_000, hasNoTimer)
        assert.deepEqual(await pendingDevices(), [])
        const later = (await containers()).get(victim)?.image
        assert.equal(later, end === 'done' ? byDigest(images, version) : earlier)
        assert.notEqual(later, byDigest(images, 'shifted'), 'it is left on the bad release')
        assertQuorumKept(rounds)
        const tookSeconds = (performance.now() - beganMs) / 1000
        rows.push(faultRow(cell, { end, isResumed, tookSeconds }))
      },
    )
  }
}

function nextGood(images: FleetInLab['images'], image: string): string {
  return image === byDigest(images, '1.0.1') ? '1.1.0' : '1.0.1'
}

/** Starts a rollout of one device, and does the harm when its step has come. */
async function hurt({ rollout }: FleetInLab, cell: Cell, version: string): Promise<Ended> {
  const kill = new AbortController()
  const harm: Promise<void>[] = []
  const onOutput = (text: string): void => {
    const line: Line = JSON.parse(text)
    if (harm.length > 0 || line.device !== victim || line.event !== cell.event) return
    harm.push(cell.when().then(() => harmed(cell, kill)))
  }
  const args = ['--yes', '--image', imageCalled(version), '--limit', victim]
  const ended = await rollout('start', args, { onOutput, kill: kill.signal })
  await Promise.all(harm)
  assert.equal(harm.length, 1, `it never came to ${cell.step}: ${ended.stdout}\n${ended.stderr}`)
  await waitFor(`${victim} to answer again`, 90_000, isUp)
  return ended
}

async function harmed(cell: Cell, kill: AbortController): Promise<void> {
  switch (cell.fault) {
    case 'the controller is killed':
      kill.abort()
      return
    case 'the power fails':
      assert.ok(device)
      await docker(paths, ['kill', piContainer(device)])
      await docker(paths, ['start', piContainer(device)])
      return
    case 'the network is cut':
      await cable(victim, 'down')
      await new Promise((wake) => setTimeout(wake, outageMs))
      await cable(victim, 'up')
  }
}

async function isUp(): Promise<boolean> {
  assert.ok(device)
  return (await run(sshArgs(paths, device, 'docker version >/dev/null'))).code === 0
}

/** What the device would still do by itself. */
async function hasNoTimer(): Promise<boolean> {
  const timers = await onDevice({ name: victim }, 'systemctl list-timers --all --no-legend')
  return !/timeball/.test(timers) && (await pendingDevices()).length === 0
}
