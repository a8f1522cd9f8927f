/**
 * What a device is asked for its backup: an archive on standard output. It reads, and leaves nothing
 * behind; what it has to put into files first is in memory.
 */
import { gpsdSays } from '../ask/gpsd.ts'
import * as paths from '../desired/paths.ts'

/** Of what lives in the container: ntpd's drift and statistics. */
export const clockFolder = '/var/lib/docker/volumes/mcp-utc-time-server_ntp-state/_data'
export const driftPath = `${clockFolder}/ntp.drift`
/** Of the archive: what the device says of itself. */
export const saidFolder = 'timeball'

const folders = [paths.projectDirectory, '/var/lib/timeball', clockFolder] as const

const files = [
  paths.gpsdDefaultsPath,
  '/etc/hostname',
  '/boot/firmware/config.txt',
  '/boot/firmware/cmdline.txt',
  '/boot/config.txt',
  '/boot/cmdline.txt',
] as const

export const hostKeyTypes = ['ed25519', 'ecdsa', 'rsa'] as const

export const hostKeyPaths: readonly string[] = hostKeyTypes.flatMap((type) => [
  `/etc/ssh/ssh_host_${type}_key`,
  `/etc/ssh/ssh_host_${type}_key.pub`,
])

export interface DeviceWish {
  /** Host keys, too. */
  readonly identity: boolean
  /** It has a receiver, so that gpsd is asked. */
  readonly gps: boolean
  /** Of the container's log. */
  readonly logSeconds: number
}

/** Where members of the archive may be, without the first slash. */
export function deviceRoots({ identity }: Pick<DeviceWish, 'identity'>): readonly string[] {
  return [
    ...[...folders, `/${saidFolder}`].map((folder) => `${folder.slice(1)}/`),
    ...[...files, ...(identity ? hostKeyPaths : [])].map((path) => path.slice(1)),
  ]
}

/** What a log may have: more of it is for a log server. */
const logBytes = 4 * 1024 ** 2

/** 3: an archive could not be made whole. Few processes: many devices may share one machine. */
export function deviceScript(wish: DeviceWish): string {
  const named = [...folders, ...files, ...(wish.identity ? hostKeyPaths : [])]
  const gps = wish.gps
    ? `${gpsdSays}gpsd_says 3 'DEVICES|TPV' 2 >"$said/gpsd" || rm "$said/gpsd"`
    : ''
  return `exec 2>/dev/null
r=\${TIMEBALL_ROOT:-}
cd "$r/" || exit 3
umask 077
all=$(mktemp -d "$r/run/timeball-backup.XXXXXX") || exit 3
trap 'rm -rf "$all"' EXIT
said=$all/${saidFolder}
mkdir "$said"
dpkg-query -W >"$said/packages" </dev/null
[ -n "$r" ] || timeout 30 docker logs --timestamps --since ${Math.ceil(wish.logSeconds)}s ${paths.containerName} 2>&1 </dev/null | tail -c ${logBytes} >"$said/log"
${gps}
find ${named.map((path) => path.slice(1)).join(' ')} -xdev -type f ! -path 'var/lib/timeball/staging/*' ! -path 'var/lib/timeball/operations/*' ! -path var/lib/timeball/lock -print0 |
  tar --create --format=ustar --hard-dereference --no-recursion --null --files-from=- -C "$all" $(cd "$all" && echo ${saidFolder}/*)
[ $? -lt 2 ] || exit 3
`
}
