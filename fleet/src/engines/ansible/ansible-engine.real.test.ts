import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installAnsible } from '../../../test/install-ansible.ts'
import { behaviours, engineContract } from '../../ports/engine.contract.ts'
import { startSshd } from '../ssh/test/sshd.ts'
import { ansibleEngine } from './ansible-engine.ts'

engineContract('ansible', async () => {
  const ansible = await installAnsible()
  const sshd = await startSshd()
  const knownHosts = join(sshd.folder, 'known-hosts')
  await writeFile(knownHosts, sshd.knownHostsLine)
  const hosts = [...behaviours, null].map((behaviour) => {
    const { device, address, port, user, privateKeyFile } = sshd.target(behaviour)
    return `${device} ansible_host=${address} ansible_port=${port} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile}`
  })
  const common = `[all:vars]\nansible_ssh_common_args=-F none -o UserKnownHostsFile=${knownHosts}\nansible_timeout=5\n`
  const inventory = join(sshd.folder, 'hosts.ini')
  await writeFile(inventory, `${hosts.join('\n')}\n${common}`)
  const engine = ansibleEngine({
    inventories: [inventory],
    vaultPasswordFiles: [],
    runtimeFolder: sshd.folder,
    playbookFolder: join(import.meta.dirname, 'playbook'),
    program: join(ansible, 'bin/ansible-playbook'),
  })
  return {
    engine,
    target: (behaviour) => sshd.target(behaviour),
    async stop() {
      await engine.close('end')
      await sshd.stop()
    },
  }
})
