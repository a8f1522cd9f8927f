/**
 * Which virtual Pis there are and where: the guide's four devices, and plain hosts for benchmarks.
 * Pure data; the network and the engine are made from it.
 */
import { labNumber } from './settings.ts'

/** The kernel's virtual consoles are the machine's: each lab has two of them, from 41 on. */
const firstConsole = 39 + 2 * labNumber

/** One virtual Pi. */
export interface LabDevice {
  readonly name: string
  /** IPv4, only valid inside the lab's network namespace. */
  readonly address: string
  /** Where this device's Raspberry Pi OS keeps its boot configuration. */
  readonly bootConfig: 'firmware' | 'legacy'
  /**
   * Minor number of the virtual console that plays the serial port of the simulated GPS receiver;
   * `null` is a device without a receiver.
   */
  readonly gpsConsole: number | null
}

/** Everything of the lab is below this prefix, which belongs to no machine of ours. */
export const labPrefix = '192.168.1.'
export const gatewayAddress = `${labPrefix}1`
export const registryAddress = `${labPrefix}10`
export const mirrorAddress = `${labPrefix}11`
/** host:port, as an image reference starts with it. */
export const registryHost = `${registryAddress}:5000`

/** Plain hosts sit between .21 and .99, clear of the services and of the guide's devices. */
const firstPlainHost = 21
export const maxPlainHosts = 79

/** The guide's fleet. One device still has the boot layout from before Raspberry Pi OS 12. */
export const guideDevices: readonly LabDevice[] = [
  {
    name: 'pi-gps-01',
    address: `${labPrefix}101`,
    bootConfig: 'firmware',
    gpsConsole: firstConsole,
  },
  {
    name: 'pi-gps-02',
    address: `${labPrefix}102`,
    bootConfig: 'firmware',
    gpsConsole: firstConsole + 1,
  },
  { name: 'pi-ntp-01', address: `${labPrefix}201`, bootConfig: 'firmware', gpsConsole: null },
  { name: 'pi-ntp-02', address: `${labPrefix}202`, bootConfig: 'legacy', gpsConsole: null },
]

/** `pi-lab-01` … at 192.168.1.21 …; throws a RangeError above `maxPlainHosts`. */
export function plainHosts(count: number): readonly LabDevice[] {
  if (!Number.isInteger(count) || count < 0 || count > maxPlainHosts) {
    throw new RangeError(`plain hosts: 0 to ${maxPlainHosts}, not ${count}`)
  }
  return Array.from({ length: count }, (_, index) => ({
    name: `pi-lab-${String(index + 1).padStart(2, '0')}`,
    address: `${labPrefix}${firstPlainHost + index}`,
    bootConfig: 'firmware',
    gpsConsole: null,
  }))
}
