/** The Compose file of a device: just the capabilities that are needed, and no device nodes. */
import type { Device } from '../device/device.ts'
import type { DesiredSettings } from './settings.ts'
import { serverSettings } from './environment-file.ts'
import { containerName, environmentFileName, mountedProject } from './paths.ts'

/**
 * Nearly three times what the reference has at rest. A Pi whose kernel runs without the memory
 * controller knows no such limit: Docker warns of it and starts the container.
 */
const memoryLimit = '256m'
/** Threads count: the reference has 17 of both, 11 of them Node's. */
const processLimit = 100

/**
 * gpsd on the host owns receiver and pulse and passes them on in System V shared memory, so the
 * container shares the host's IPC namespace and needs no device node: it starts on every role.
 *
 * Compose fills in the settings from `.env`. The keys are not among them: the container reads them
 * itself, from the mounted folder and again when they change, so other keys are no other container.
 * The folder is mounted because a file that is replaced by renaming stays the old one in a mount.
 */
export function composeFileText(device: Device, settings: DesiredSettings, image: string): string {
  const lines = [
    '# Written by Timeball; changes made here are undone by the next apply.',
    'name: mcp-utc-time-server',
    'services:',
    `  ${containerName}:`,
    `    image: ${JSON.stringify(image)}`,
    `    container_name: ${containerName}`,
    '    network_mode: host',
    ...(device.gps ? ['    ipc: host'] : []),
    '    environment:',
    ...serverSettings(device, settings).map(([name]) => `      ${name}: "\${${name}}"`),
    `      API_KEYS_FILE: ${mountedProject}/${environmentFileName}`,
    '    restart: unless-stopped',
    '    read_only: true',
    `    mem_limit: ${memoryLimit}`,
    `    pids_limit: ${processLimit}`,
    '    cap_drop: [ALL]',
    '    cap_add:',
    ...capabilities(settings).map((name) => `      - ${name}`),
    '    security_opt: ["no-new-privileges:true"]',
    `    volumes: ["ntp-state:/var/lib/ntpsec", ".:${mountedProject}:ro"]`,
    '    tmpfs: ["/run/time-server:mode=0755,size=1m", "/tmp:size=4m"]',
    '    logging:',
    '      driver: json-file',
    '      options: { max-size: 10m, max-file: "3" }',
    'volumes:',
    '  ntp-state: {}',
  ]
  return `${lines.join('\n')}\n`
}

/** The image that a Compose file of ours starts, by digest; `null`: it is none of ours. */
export function imageOfCompose(text: string): string | null {
  return /^ {4}image: "(?<image>[^"\\]+)"$/m.exec(text)?.groups?.['image'] ?? null
}

/** ntpd binds port 123, changes to its own user, and steers the clock unless told not to. */
function capabilities(settings: DesiredSettings): string[] {
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
