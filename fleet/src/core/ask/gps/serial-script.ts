/** What `gps calibrate` asks of a device: what gpsd says of each second, and what ntpd follows. */
import { containerName } from '../../desired/paths.ts'

/** It changes nothing, and prints while it measures. `-P`: also the pulses, and when sentences came. */
export function serialScript(seconds: number): string {
  return `command -v gpspipe >/dev/null || { echo lack=gpspipe; exit 0; }
board() { timeout 10 docker exec ${containerName} ntpq -pn 2>/dev/null | sed 's/^/board=/'; }
board
timeout ${Math.ceil(seconds)} gpspipe -w -P 2>/dev/null | grep --line-buffered -E '"class":"(TOFF|PPS)"' | sed -u 's/^/gpsd=/'
board
`
}
