/** An embedded fleet in a process of its own, for tests that kill it: `node fleet-process.ts DIR`. */
import { startEmbeddedFleet } from '../start.ts'

const fleet = await startEmbeddedFleet({
  directory: process.argv[2] ?? '',
  devices: [{ name: 'pi-gps-01', group: 'stratum1', ntpServers: [] }],
})
const [device] = fleet.devices
process.stdout.write(`${device?.address} ${device?.sshPort}\n`)
