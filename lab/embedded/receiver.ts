/**
 * A receiver that is not there, with a fix, and sentences that are 0.13 s late: the files in which an
 * embedded device has its serial line, its pulse, and what its gpsd says.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const sentencesLateMs = 130
const pulseNs = 1_200

/** Ends, and leaves its files, with what it gives back. */
export async function startReceiver(root: string): Promise<() => void> {
  const line = '/dev/ttyAMA0'
  const pps = join(root, 'sys/class/pps/pps0')
  await Promise.all([pps, join(root, 'dev')].map((folder) => mkdir(folder, { recursive: true })))
  await Promise.all([
    writeFile(join(root, line), ''),
    writeFile(join(root, 'dev/pps0'), ''),
    writeFile(join(root, 'run/gpsd.json'), sentences(line)),
  ])
  await symlink('ttyAMA0', join(root, 'dev/serial0')).catch(() => {})
  let count = 0
  const pulse = (): void => {
    count += 1
    const second = Math.floor(Date.now() / 1000)
    const text = `${second}.${String(pulseNs + (count % 3) * 100).padStart(9, '0')}#${count}\n`
    // The folder goes away with the fleet.
    void writeFile(join(pps, 'assert'), text).catch(() => {})
  }
  pulse()
  const timer = setInterval(pulse, 1000)
  return () => clearInterval(timer)
}

/** gpsd_json(5). Of a minute, so that there is enough to measure. */
function sentences(device: string): string {
  const receiver = { path: device, driver: 'u-blox', activated: '2026-11-29T12:00:00Z', flags: 1 }
  const satellites = Array.from({ length: 12 }, (_, n) => ({
    ...{ PRN: n + 1, el: 20 + 5 * n, az: 30 * n, ss: n < 9 ? 40 : 22, used: n < 9 },
  }))
  const second = (n: number): readonly object[] => {
    const real = { device, real_sec: 1_764_381_600 + n, real_nsec: 0 }
    const clock_sec = real.real_sec
    const lateMs = sentencesLateMs + (n % 5) - 2
    return [
      { class: 'TOFF', ...real, clock_sec, clock_nsec: lateMs * 1_000_000 },
      { class: 'PPS', ...real, clock_sec, clock_nsec: pulseNs, precision: -20 },
    ]
  }
  const reports = [
    { class: 'DEVICES', devices: [receiver] },
    { class: 'TPV', device, mode: 3, status: 1, time: '2026-11-29T12:00:00.000Z', ept: 0.005 },
    { class: 'SKY', device, nSat: 12, uSat: 9, hdop: 0.9, tdop: 0.6, satellites },
    ...Array.from({ length: 60 }, (_, n) => second(n)).flat(),
  ]
  return reports.map((report) => `${JSON.stringify(report)}\n`).join('')
}
