/** The Compose file of a device: just the capabilities that are needed, and no device nodes. */
import type { Device } from '../device/device.ts'
import { imageOfName, nameOnDevice } from './carried-image.ts'
import {
  memoryLimit,
  processLimit,
  stateFolder,
  usualCapabilities,
  writableFolders,
} from './container-rights.ts'
import type { DesiredSettings } from './settings.ts'
import { serverSettings } from './environment-file.ts'
import { containerName, environmentFileName, mountedProject } from './paths.ts'

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
    `    image: ${JSON.stringify(nameOnDevice(image))}`,
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
    `    volumes: ["ntp-state:${stateFolder}", ".:${mountedProject}:ro"]`,
    `    tmpfs: [${writableFolders.map((folder) => `"${folder}"`).join(', ')}]`,
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
  const name = /^ {4}image: "(?<image>[^"\\]+)"$/m.exec(text)?.groups?.['image']
  return name === undefined ? null : imageOfName(name)
}

function capabilities({ clock }: DesiredSettings): readonly string[] {
  return clock.discipline ? [...usualCapabilities, 'SYS_TIME'] : usualCapabilities
}
