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
  /** Of the container's log. */
  readonly logSeconds: number
}

/** Where members of the archive may be, without the first slash. */
export function deviceRoots({ identity }: DeviceWish): readonly string[] {
  return [
    ...[...folders, `/${saidFolder}`].map((folder) => `${folder.slice(1)}/`),
    ...[...files, ...(identity ? hostKeyPaths : [])].map((path) => path.slice(1)),
  ]
}

/** What a log may have: more of it is for a log server. */
const logBytes = 4 * 1024 ** 2

/** 3: an archive could not be made whole. */
export function deviceScript(wish: DeviceWish): string {
  const named = [...files, ...(wish.identity ? hostKeyPaths : [])]
  return `exec 2>/dev/null
r=\${TIMEBALL_ROOT:-}
${gpsdSays}cd "$r/" || exit 3
umask 077
said=$(mktemp -d "$r/run/timeball-backup.XXXXXX") || exit 3
trap 'rm -rf "$said"' EXIT
mkdir "$said/${saidFolder}"
dpkg-query -W >"$said/${saidFolder}/packages" </dev/null
[ -n "$r" ] || timeout 30 docker logs --timestamps --since ${Math.ceil(wish.logSeconds)}s ${paths.containerName} 2>&1 </dev/null | tail -c ${logBytes} >"$said/${saidFolder}/log"
gpsd_says 3 'DEVICES|TPV' 2 >"$said/${saidFolder}/gpsd"
{
  find ${folders.map((folder) => `.${folder}`).join(' ')} -xdev -type f ! -path './var/lib/timeball/staging/*' ! -path './var/lib/timeball/operations/*' ! -path './var/lib/timeball/lock' -print0
  find ${named.map((path) => `.${path}`).join(' ')} -maxdepth 0 -type f -print0
} | sed -z 's|^\\./||' | LC_ALL=C sort -z >"$said/list"
tar --create --format=ustar --hard-dereference --no-recursion --null --files-from="$said/list" -C "$said" ${saidFolder}/packages $(cd "$said" && ls -d ${saidFolder}/log ${saidFolder}/gpsd)
[ $? -lt 2 ] || exit 3
`
}
