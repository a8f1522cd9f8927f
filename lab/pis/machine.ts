/** What the lab asks of the machine before it touches anything. */
import { readFileSync, writeFileSync } from 'node:fs'
import { LabError } from './lab-error.ts'
import { run } from './run.ts'

const tools = [
  'dockerd',
  'docker',
  'docker-registry',
  'debootstrap',
  'dpkg-scanpackages',
  'ip',
  'nsenter',
  'setpriv',
  'unshare',
  'ssh',
  'ssh-keygen',
  'curl',
  'tar',
]
/** Each systemd needs a handful; the kernel's 128 are used up by about 22 virtual Pis. */
const inotifyInstances = 4096
const inotifyFile = '/proc/sys/fs/inotify/max_user_instances'

/** Fails with a `LabError` that names everything that is missing. */
export async function checkMachine(): Promise<{ detail: string }> {
  if (process.platform !== 'linux') throw new LabError('the lab needs Linux')
  if (process.getuid?.() !== 0) throw new LabError('the lab needs root: run it with sudo')
  const missing: string[] = []
  for (const tool of tools) {
    if ((await run(['sh', '-c', 'command -v "$0"', tool])).code !== 0) missing.push(tool)
  }
  if (missing.length > 0) {
    throw new LabError(
      `not installed: ${missing.join(', ')}. Debian: apt-get install the packages of lab/pis/packages.txt`,
    )
  }
  const before = Number(readFileSync(inotifyFile, 'utf8'))
  if (before >= inotifyInstances) return { detail: 'has what it needs' }
  writeFileSync(inotifyFile, String(inotifyInstances))
  return { detail: `fs.inotify.max_user_instances raised from ${before} to ${inotifyInstances}` }
}
