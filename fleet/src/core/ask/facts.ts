/** `facts`: what a device is and how it is, with Ansible's names where it has them. */
import { gpsdSays } from './gpsd.ts'
import { printable } from '@timeball/lib/printable.ts'
import { containerName } from '../desired/paths.ts'

/** `null`: the device does not tell, as where there is no such part. */
export interface Facts {
  readonly model: string | null
  readonly ansible_hostname: string | null
  readonly ansible_distribution: string | null
  readonly ansible_distribution_version: string | null
  readonly ansible_kernel: string | null
  readonly ansible_architecture: string | null
  readonly ansible_processor_vcpus: number | null
  readonly ansible_memtotal_mb: number | null
  readonly memory_available_mb: number | null
  readonly ansible_uptime_seconds: number | null
  readonly docker: string | null
  readonly compose: string | null
  /** Version of the time server, as its image says it. */
  readonly image: string | null
  readonly gpsd: string | null
  /** Driver and kind, as gpsd tells them. */
  readonly receiver: string | null
  readonly disk_size_mb: number | null
  readonly disk_free_mb: number | null
  /** Life time used, in steps of a tenth (JEDEC eMMC; SD cards seldom tell). */
  readonly flash_life_used: string | null
  readonly temperature_celsius: number | null
  /** Bits of `vcgencmd get_throttled`. */
  readonly throttled: number | null
}

export const factsScript = `r=\${TIMEBALL_ROOT:-}
${gpsdSays}say() { [ -z "$2" ] || printf '%s=%s\\n' "$1" "$2"; }
os() { sed -n "s/^$1=\\"\\{0,1\\}\\([^\\"]*\\).*/\\1/p" "$r/etc/os-release" 2>/dev/null | head -n 1; }
ours() { if [ -r "$r$1" ]; then cat "$r$1"; else cat "$1" 2>/dev/null; fi; }
say model "$(tr -d '\\000' <"$r/proc/device-tree/model" 2>/dev/null)"
say ansible_hostname "$(ours /etc/hostname)"
say ansible_distribution "$(os ID)"
say ansible_distribution_version "$(os VERSION_ID)"
say ansible_kernel "$(uname -r)"
say ansible_architecture "$(uname -m)"
say ansible_processor_vcpus "$(nproc 2>/dev/null)"
say memtotal_kb "$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say memavailable_kb "$(sed -n 's/^MemAvailable: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say ansible_uptime_seconds "$(ours /proc/uptime | sed 's/[. ].*//')"
say docker "$(timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null)"
say compose "$(timeout 10 docker compose version --short 2>/dev/null)"
say image "$(timeout 10 docker inspect --format '{{.Config.Image}}' ${containerName} 2>/dev/null)"
say gpsd "$(dpkg-query -W -f '\${Version}' gpsd 2>/dev/null)"
heard=$(gpsd_says 3 DEVICES 1)
of() { printf %s "$heard" | sed -n 's/.*"'"$1"'":"\\([^"]*\\)".*/\\1/p'; }
say receiver "$(echo $(of driver) $(of subtype))"
df -Pk "$r/" 2>/dev/null | { read -r _; read -r _ size _ free _; say disk_kb "$size"; say free_kb "$free"; }
for f in /sys/block/mmcblk*/device/life_time; do [ ! -r "$f" ] || say flash_life_used "$(cat "$f")"; done
say temperature_mc "$(cat /sys/class/thermal/thermal_zone0/temp 2>/dev/null)"
say throttled "$(vcgencmd get_throttled 2>/dev/null | sed -n 's/^throttled=//p')"
`

/** Never throws: what cannot be read is not known. */
export function readFacts(output: string): Facts {
  const said = new Map(
    output.split('\n').flatMap((line) => {
      const at = line.indexOf('=')
      return at === -1 ? [] : [[line.slice(0, at), printable(line.slice(at + 1), 200)] as const]
    }),
  )
  const text = (key: string): string | null => said.get(key) || null
  const scaled = (key: string, scale: number): number | null => {
    const value = numberIn(said.get(key))
    return value === null ? null : Math.round(value / scale)
  }
  return {
    model: text('model'),
    ansible_hostname: text('ansible_hostname'),
    ansible_distribution: text('ansible_distribution'),
    ansible_distribution_version: text('ansible_distribution_version'),
    ansible_kernel: text('ansible_kernel'),
    ansible_architecture: text('ansible_architecture'),
    ansible_processor_vcpus: scaled('ansible_processor_vcpus', 1),
    ansible_memtotal_mb: scaled('memtotal_kb', 1024),
    memory_available_mb: scaled('memavailable_kb', 1024),
    ansible_uptime_seconds: scaled('ansible_uptime_seconds', 1),
    docker: text('docker'),
    compose: text('compose'),
    image: text('image'),
    gpsd: text('gpsd'),
    receiver: text('receiver'),
    disk_size_mb: scaled('disk_kb', 1024),
    disk_free_mb: scaled('free_kb', 1024),
    flash_life_used: text('flash_life_used'),
    temperature_celsius: scaled('temperature_mc', 1000),
    throttled: numberIn(said.get('throttled')),
  }
}

/** Decimal, or hexadecimal with `0x`. */
function numberIn(text: string | undefined): number | null {
  if (text === undefined || !/^(?:0x[0-9a-f]{1,8}|-?[0-9]{1,15})$/i.test(text)) return null
  return Number(text)
}

/** Bits of get_throttled: raspberrypi.com, documentation of vcgencmd. */
const powerBits: readonly (readonly [bit: number, text: string])[] = [
  [0, 'under-voltage now'],
  [1, 'slowed down now'],
  [2, 'throttled now'],
  [3, 'hot now'],
  [16, 'under-voltage since boot'],
  [17, 'was slowed down'],
  [18, 'was throttled'],
  [19, 'was hot'],
]

/** `ok`, or what is wrong with power and heat; `?` where the device does not tell. */
export function powerText(throttled: number | null): string {
  if (throttled === null) return '?'
  const set = powerBits.filter(([bit]) => (throttled & (1 << bit)) !== 0)
  // What is so now was so since the boot, too.
  const now = set.filter(([bit]) => bit < 16)
  return (now.length > 0 ? now : set).map(([, text]) => text).join(', ') || 'ok'
}
