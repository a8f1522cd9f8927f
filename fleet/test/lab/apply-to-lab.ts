/** An apply to a lab, after which all devices give good time. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { guideDevices } from '@timeball/lab/pis/devices.ts'
import { run } from '@timeball/lab/pis/run.ts'
import { labPaths } from '@timeball/lab/pis/settings.ts'
import { sshArgs } from '@timeball/lab/pis/ssh.ts'
import { timeball, type RunOptions } from './command-line.ts'

/** What a device's receiver and daemons say for themselves. */
const testimony = `systemctl show --property Id,ActiveState,Result,NRestarts lab-gps gpsd
sudo journalctl --no-pager --lines 5 --output cat --unit lab-gps --unit gpsd
sudo docker exec mcp-utc-time ntpq -pn
sudo docker exec mcp-utc-time ntpq -c rv
timeout 3 gpspipe -w -n 4 | cut -c 1-200
date --utc
`

/**
 * Applies the fleet of the folder. Rejects unless every device gives good time in the end, with what
 * the command said, and with what the devices say on which it waited in vain.
 */
export async function applyToLab(
  folder: string,
  args: readonly string[] = [],
  options?: RunOptions,
): Promise<string> {
  const inventory = join(folder, 'inventory.yml')
  const { exit, stdout, stderr } = await timeball(
    ['apply', '--yes', '-i', inventory, ...args],
    options,
  )
  if (exit === 0) return stdout
  const said = [stderr, stdout]
  const late = guideDevices.filter(({ name }) =>
    new RegExp(`^${name} .* not yet`, 'm').test(stdout),
  )
  for (const device of late) {
    const answer = await run(sshArgs(labPaths(process.env), device, 'sh'), { input: testimony })
    said.push(`${device.name}:\n${answer.stdout}${answer.stderr}`)
  }
  assert.equal(exit, 0, said.join('\n'))
  return stdout
}
