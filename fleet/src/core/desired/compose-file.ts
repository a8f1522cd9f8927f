/** The Compose file of a device: just the capabilities that are needed, and no device nodes. */
import type { Device } from '../fleet/fleet.ts'
import type { Settings } from '../fleet/settings.ts'
import { containerName } from './paths.ts'

/**
 * gpsd on the host owns receiver and pulse and passes them on in System V shared memory, so the
 * container shares the host's IPC namespace and needs no device node: it starts on every role.
 */
export function composeFileText(device: Device, settings: Settings, image: string): string {
  const lines = [
    '# Written by Timeball; changes made here are undone by the next apply.',
    'name: mcp-utc-time-server',
    'services:',
    `  ${containerName}:`,
    `    image: ${JSON.stringify(image)}`,
    `    container_name: ${containerName}`,
    '    network_mode: host',
    ...(device.gps ? ['    ipc: host'] : []),
    '    env_file: [.env]',
    '    restart: unless-stopped',
    '    cap_drop: [ALL]',
    '    cap_add:',
    ...capabilities(settings).map((name) => `      - ${name}`),
    '    security_opt: ["no-new-privileges:true"]',
    '    volumes: ["ntp-state:/var/lib/ntpsec"]',
    '    logging:',
    '      driver: json-file',
    '      options: { max-size: 10m, max-file: "3" }',
    'volumes:',
    '  ntp-state: {}',
  ]
  return `${lines.join('\n')}\n`
}

/** ntpd binds port 123, changes to its own user, and steers the clock unless told not to. */
function capabilities(settings: Settings): string[] {
  const always = [
    'NET_BIND_SERVICE',
    'SETGID',
    'SETUID',
    'SYS_NICE',
    'CHOWN',
    'DAC_OVERRIDE',
    'KILL',
  ]
  return settings.clock.discipline ? [...always, 'SYS_TIME'] : always
}
