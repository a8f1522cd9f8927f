/** What a GPS receiver on the header of a Pi needs: gpsd's defaults file and boot configuration. */
import type { Device } from '../device/device.ts'
import type { LineResource } from './resource.ts'

/** The first line of what we write. */
export const gpsdHeader = '# Written by Timeball; changes made here are undone by the next apply.'

/** `/etc/default/gpsd` (gpsd(8)); `-n` polls the receiver even while no client is connected. */
export function gpsdDefaults(device: Device): string {
  const nodes = device.pps ? '/dev/serial0 /dev/pps0' : '/dev/serial0'
  return [
    gpsdHeader,
    'START_DAEMON="true"',
    'USBAUTO="false"',
    `DEVICES="${nodes}"`,
    'GPSD_OPTIONS="-n"',
    '',
  ].join('\n')
}

/** The UART of the header for the receiver, and the pulse on its pin (Raspberry Pi overlays README). */
export function bootLines(device: Device): LineResource[] {
  const lines: LineResource[] = [
    bootLine('dtoverlay=disable-bt', 'dtoverlay=disable-bt'),
    bootLine('enable_uart=1', 'enable_uart='),
  ]
  if (!device.pps) return lines
  const pulse = `dtoverlay=pps-gpio,gpiopin=${device.ppsGpio}`
  return [...lines, bootLine(pulse, 'dtoverlay=pps-gpio')]
}

function bootLine(line: string, replaces: string): LineResource {
  return { kind: 'line', file: 'boot-config', line, replaces }
}
