/**
 * ntpd's stand-in in the image `shifted`: follows the servers of the configuration it is given as
 * `-c FILE`, or the receiver, and is 50 ms off without knowing it. No real ntpd can be made to lie:
 * it takes the times of arrival from the kernel.
 */
import { readFileSync } from 'node:fs'
import { startSimulatedNtpd } from '../embedded/ntpd/simulated-ntpd.ts'

const path = process.argv[process.argv.indexOf('-c') + 1] ?? ''
const text = readFileSync(path, 'utf8')
const servers = [...text.matchAll(/^server (\S+)/gm)].map(([, address = '']) => address)

const daemon = await startSimulatedNtpd({
  address: '0.0.0.0',
  port: 123,
  gps: /^refclock /m.test(text),
  upstreams: servers.map((address) => ({ name: address, address, port: 123 })),
  asks: 'all',
  pollIntervalMs: 8_000,
  faults: () => ({ offsetMs: 50, unsynchronised: false }),
})
process.once('SIGTERM', () => void daemon.close().then(() => process.exit(0)))
