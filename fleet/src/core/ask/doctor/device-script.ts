/** What `doctor DEVICE` asks of a device: it reads, and changes nothing. */
import { gpsdSays } from '../gpsd.ts'
import { scriptOf } from '../shell-words.ts'

/** `names`: hosts that the device must be able to look up. Takes some seconds: it counts pulses. */
export function doctorScript(names: readonly string[]): string {
  const lookUps = names.map((name) => scriptOf(['look_up', name]))
  return [script, ...lookUps, ''].join('\n')
}

const script = `r=\${TIMEBALL_ROOT:-}
${gpsdSays}say() { [ -z "$2" ] || printf '%s=%s\\n' "$1" "$2"; }
ours() { if [ -e "$r$1" ]; then printf %s "$r$1"; else printf %s "$1"; fi; }
look_up() { if getent ahosts "$1" >/dev/null 2>&1; then say found "$1"; else say lost "$1"; fi; }
say model "$(tr -d '\\000' <"$(ours /proc/device-tree/model)" 2>/dev/null)"
say cmdline "$(tr '\\n' ' ' <"$(ours /proc/cmdline)" 2>/dev/null)"
for unit in ttyAMA0 ttyS0 serial0; do
  [ "$(systemctl is-active "serial-getty@$unit.service" 2>/dev/null)" != active ] || say getty "$unit"
done
for file in /boot/firmware/config.txt /boot/config.txt; do
  [ -f "$r$file" ] || continue
  say boot_file "$file"
  sed -n 's/^[[:space:]]*\\(dtoverlay=[^#]*\\)/boot=\\1/p; s/^[[:space:]]*\\(enable_uart=[^#]*\\)/boot=\\1/p' "$r$file"
  break
done
[ ! -e "$(ours /dev/serial0)" ] || say serial "$(readlink -f "$(ours /dev/serial0)")"
[ ! -e "$(ours /dev/pps0)" ] || say pps_device yes
assert=$(ours /sys/class/pps/pps0/assert)
if [ -r "$assert" ]; then
  for _ in 1 2 3 4 5; do say pulse "$(cat "$assert")"; sleep 1; done
fi
gpsd_says 5 'TPV|SKY|DEVICES|ERROR' || say gpsd_silent yes
say shm "$(ipcs -m 2>/dev/null | grep -ci '0x4e5450')"
[ ! -e "$(ours /dev/rtc0)" ] || say rtc yes
say fake_hwclock "$(dpkg-query -W -f '\${Status}' fake-hwclock 2>/dev/null)"
say throttled "$(vcgencmd get_throttled 2>/dev/null | sed -n 's/^throttled=//p')"
say temperature_mc "$(cat "$(ours /sys/class/thermal/thermal_zone0/temp)" 2>/dev/null)"
if dmesg >/dev/null 2>&1; then
  say card_errors "$(dmesg | grep -cE 'mmc[0-9]+: .*(error|timeout)|I/O error, dev mmcblk|EXT4-fs error')"
fi
command -v ss >/dev/null && say ss yes && ss -Hulnp 'sport = :123' 2>/dev/null |
  sed -n 's/.*users:((\\"\\([^\\"]*\\)\\".*/listener=\\1/p' | sort -u
for unit in chrony chronyd ntp ntpd ntpsec openntpd systemd-timesyncd; do
  [ "$(systemctl is-active "$unit.service" 2>/dev/null)" != active ] || say discipline "$unit"
done
say mtu "$(ip -o link show "$(ip route show default 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n 1)" 2>/dev/null | sed -n 's/.* mtu \\([0-9]*\\).*/\\1/p')"
df -Pk "$r/" 2>/dev/null | { read -r _; read -r _ _ _ _ used _; say disk_used "\${used%\\%}"; }
case ,$(findmnt -no OPTIONS / 2>/dev/null), in *,ro,*) say read_only yes ;; esac
say docker "$(timeout 10 docker version --format '{{.Server.Version}}' 2>/dev/null)"`
