/**
 * Boots what a backup has in a container beside whatever else a device does: it steers no clock, has no
 * receiver, and all that it is given is in memory. When the asking ends, however it ends, the device
 * takes it away.
 */
import { quoteAll } from '../ask/shell-words.ts'
import {
  memoryLimit,
  processLimit,
  stateFolder,
  usualCapabilities,
  writableFolders,
} from '../desired/container-rights.ts'
import { nameOnDevice } from '../desired/carried-image.ts'
import { environmentFileName, mountedProject } from '../desired/paths.ts'

export interface ScratchBoot {
  /** By digest; pulled where it is missing, and then removed again. */
  readonly image: string
  /** `.env` as the backup has it. */
  readonly environment: Uint8Array
  /** `null`: the backup has none. */
  readonly drift: Uint8Array | null
  /** Which servers it follows. */
  readonly ntpServers: readonly string[]
}

/** Of the device, none of those that it or a shadow uses. */
export const scratchPorts = { ntp: 10_223, http: 13_100, metrics: 19_190 } as const
const container = 'timeball-drill'

/** What the script prints once the container runs. */
export const upLine = 'up'

/**
 * It lasts until `endBootScript` runs or its time is over. Exit 4: another one is at work there; 5:
 * the image could not be had; 6: it did not start, or ended by itself, and its last words were printed.
 */
export function bootScript({ image, environment, drift, ntpServers }: ScratchBoot): string {
  const name = quoteAll([nameOnDevice(image)])
  const settings = new TextEncoder().encode(settingsOf(environment, ntpServers))
  return `set -u
umask 077
r=\${TIMEBALL_ROOT:-}
c=${container}
if [ "$(docker inspect -f '{{.State.Running}}' $c 2>/dev/null)" = true ]; then exit 4; fi
docker rm --force $c >/dev/null 2>&1
d=$(mktemp -d "$r/run/$c.XXXXXX") || exit 6
pulled=
# In a session of its own: it is done even when this one is ended in a hurry.
trap 'setsid sh -c '\\''docker rm --force "$1"; rm -rf "$2"; [ -z "$3" ] || docker rmi "$3"'\\'' sh $c "$d" "$pulled" </dev/null >/dev/null 2>&1' EXIT
trap 'exit 1' HUP INT TERM
docker image inspect ${name} >/dev/null 2>&1 || {
  docker pull -q ${name} 2>&1 || exit 5
  pulled=${name}
}
mkdir "$d/project" "$d/state"
chmod 755 "$d/state"
${put(`$d/project/${environmentFileName}`, environment)}
${put('$d/settings', settings)}
${drift === null ? '' : put('$d/state/ntp.drift', drift)}
chmod -R a+rwX "$d/state"
docker run -d --name $c --restart no --pull never --cap-drop ALL ${capabilities} --read-only \\
  --security-opt no-new-privileges:true --memory ${memoryLimit} --pids-limit ${processLimit} ${folders} \\
  --log-driver json-file --log-opt max-size=1m --log-opt max-file=1 --env-file "$d/settings" \\
  -v "$d/project:${mountedProject}:ro" -v "$d/state:${stateFolder}" \\
  -p ${scratchPorts.ntp}:123/udp -p ${scratchPorts.http}:3000/tcp -p ${scratchPorts.metrics}:9090/tcp \\
  ${name} 2>&1 >/dev/null || exit 6
echo ${upLine}
while [ "$(docker inspect -f '{{.State.Running}}' $c 2>/dev/null)" = true ]; do
  [ ! -e "$d/end" ] || exit 0
  sleep 0.5
done
docker logs --tail 5 $c 2>&1
exit 6
`
}

/** The other script then takes all away, and ends. */
export const endBootScript = `for d in "\${TIMEBALL_ROOT:-}"/run/${container}.*; do touch "$d/end" || exit 1; done\n`

const capabilities = usualCapabilities.map((name) => `--cap-add ${name}`).join(' ')
const folders = writableFolders.map((folder) => `--tmpfs ${folder}`).join(' ')

function put(path: string, content: Uint8Array): string {
  const base64 = Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\n')
  return `base64 -d >"${path}" <<'TIMEBALL_END'\n${base64}\nTIMEBALL_END`
}

/** Keys are read from the file. Two daemons must not read one receiver, nor steer one clock. */
function settingsOf(environment: Uint8Array, ntpServers: readonly string[]): string {
  const own = {
    ...{ CLOCK_DISCIPLINE: 'no', ENABLE_GPS: 'no', ENABLE_PPS: 'no' },
    ...{ NTP_PORT: '123', HTTP_PORT: '3000', METRICS_PORT: '9090' },
    NTP_SERVERS: ntpServers.join(','),
    API_KEYS_FILE: `${mountedProject}/${environmentFileName}`,
  }
  const kept = [...settingsIn(environment)].filter(([name]) => !name.startsWith('API_KEY'))
  return Object.entries({ ...Object.fromEntries(kept), ...own })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Of a file such as `.env`, by name. */
export function settingsIn(environment: Uint8Array): ReadonlyMap<string, string> {
  const lines = new TextDecoder().decode(environment).split('\n')
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf('=')
      const name = line.slice(0, Math.max(0, at))
      return /^[A-Z][A-Z0-9_]{0,63}$/.test(name) ? [[name, line.slice(at + 1)]] : []
    }),
  )
}
