/** Which user ntpd should run as in the image. Pure. */
import type { Settings } from './settings.ts'

/** Bits of linux/capability.h that `ntpd -u` insists on keeping or needs for the change of user. */
const neededBits = { setgid: 6n, setuid: 7n, netBindService: 10n, sysNice: 23n, sysTime: 25n }

/**
 * `ntpsec:ntpsec` where that works, else `root`, which has no more than the container's capabilities.
 * `ntpd -u` ends with "cap_set_proc() failed" where one of its capabilities is missing (ntpsec 1.2.2),
 * and an ntpd that is not root cannot attach gpsd's units 0 and 1, which are root's with mode 0600.
 *
 * @param status text of `/proc/self/status` of a process with the container's capabilities
 */
export function decideNtpdUser(settings: Settings, status: string): 'ntpsec:ntpsec' | 'root' {
  if (settings.hasGps) return 'root'
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1]
  if (effective === undefined) return 'root'
  const set = BigInt(`0x${effective}`)
  const hasAll = Object.values(neededBits).every((bit) => ((set >> bit) & 1n) === 1n)
  return hasAll ? 'ntpsec:ntpsec' : 'root'
}
