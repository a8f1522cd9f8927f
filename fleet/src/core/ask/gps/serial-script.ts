/** What `gps calibrate` asks of a device: what gpsd says of each second, and what ntpd follows. */
import { containerName } from '../../desired/paths.ts'
import { gpsdSays } from '../gpsd.ts'

/** It changes nothing, and prints while it measures. */
export function serialScript(seconds: number): string {
  return `r=\${TIMEBALL_ROOT:-}
${gpsdSays}board() { timeout 10 docker exec ${containerName} ntpq -pn 2>/dev/null | sed 's/^/board=/'; }
board
gpsd_says ${Math.ceil(seconds)} 'TOFF|PPS' || echo lack=gpsd
board
`
}
