import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { engineContract } from '../../ports/engine.contract.ts'
import { sshEngine } from './ssh-engine.ts'
import { startSshd } from './test/sshd.ts'

engineContract('ssh', async () => {
  const sshd = await startSshd()
  const knownHosts = join(sshd.folder, 'known hosts')
  await writeFile(knownHosts, sshd.knownHostsLine)
  const engine = sshEngine({
    controlDirectory: join(sshd.folder, 'c'),
    knownHostsFiles: [knownHosts, join(sshd.folder, 'absent')],
    hostKeys: 'strict',
    connectTimeoutSeconds: 5,
    persistSeconds: 60,
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
