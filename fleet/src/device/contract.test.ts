import { applierContract } from './test/applier-contract.ts'
import { newDevice } from './test/site.ts'

applierContract('sh', () => {
  const device = newDevice('sh')
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
