/** The contract of the applier, on the real one under a shell. */
import { applierContract } from './applier-contract.ts'
import type { ShellName } from './device.ts'
import { newDevice } from './site.ts'

export function contractSuite(shell: ShellName): void {
  applierContract(shell, () => {
    const device = newDevice(shell)
    return {
      run: (manifest, files) => Promise.resolve(device.run(manifest, files).report()),
      restart() {
        device.boot()
        device.runStayed(['recover'])
        return Promise.resolve()
      },
      expire(generation, operation) {
        device.runStayed(['timer', `${generation}`, operation])
        return Promise.resolve()
      },
      read: (path) => device.read(path),
      dispose: () => device.dispose(),
    }
  })
}
