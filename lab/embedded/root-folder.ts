/** The files that an embedded device has before Timeball has ever been there. */
import { randomUUID } from 'node:crypto'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programNames } from './machine/programs.ts'

const folders = [
  'boot/firmware',
  'etc/default',
  'etc/systemd/system',
  'home/pi',
  'opt',
  'proc',
  'run',
  'tmp',
  'var/lib',
]

const osRelease = `PRETTY_NAME="Debian GNU/Linux 13 (trixie), simulated"
ID=debian
VERSION_ID="13"
`

/** A fresh Raspberry Pi OS has these lines among others. */
const bootConfig = `# For more options and information see
# http://rptl.io/configtxt
dtparam=audio=on
camera_auto_detect=1
[all]
`

export interface FreshDevice {
  readonly name: string
  /** Lines at the end of its boot configuration. */
  readonly bootConfig: string
}

export async function makeRootFolder(root: string, device: FreshDevice): Promise<void> {
  await Promise.all(folders.map((folder) => mkdir(join(root, folder), { recursive: true })))
  await Promise.all([
    writeFile(join(root, 'etc/os-release'), osRelease),
    writeFile(join(root, 'etc/hostname'), `${device.name}\n`),
    writeFile(join(root, 'boot/firmware/config.txt'), bootConfig + device.bootConfig),
    newBootId(root),
  ])
}

/** Linux makes a new one at every boot. */
export async function newBootId(root: string): Promise<void> {
  await writeFile(join(root, 'proc/boot_id'), `${randomUUID()}\n`)
}

/** Puts the simulated programs into `folder`, which comes first in the device's PATH. */
export async function makeBinFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const scripts = join(import.meta.dirname, 'bin')
  const copies = [
    ...programNames.map((name) => [name, 'forward.sh'] as const),
    ['sudo', 'sudo.sh'] as const,
    ['chown', 'nothing.sh'] as const,
    ['sync', 'nothing.sh'] as const,
  ]
  await Promise.all(
    copies.map(async ([name, script]) => {
      await copyFile(join(scripts, script), join(folder, name))
      await chmod(join(folder, name), 0o755)
    }),
  )
}
