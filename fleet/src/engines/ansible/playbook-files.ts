/** What Ansible runs, in the folder of a run, laid out as Ansible looks for it. */
import { chmod, copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

export async function copyPlaybook(from: string, to: string): Promise<void> {
  await mkdir(join(to, 'action_plugins'))
  await copyFile(join(from, 'deliver.yml'), join(to, 'deliver.yml'))
  const action = 'timeball_deliver.py'
  await copyFile(join(from, action), join(to, 'action_plugins', action))
  await copyFile(join(from, 'ssh.py'), join(to, 'ssh'))
  await chmod(join(to, 'ssh'), 0o700)
}
