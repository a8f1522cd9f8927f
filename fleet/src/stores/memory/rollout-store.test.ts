import { rolloutStoreContract } from '../../ports/rollout-store.contract.ts'
import { memoryRollouts } from './rollout-store.ts'

rolloutStoreContract('memory', () => {
  const rollouts = memoryRollouts()
  return Promise.resolve({
    open: (isAlive = () => null) => Promise.resolve(rollouts.open(isAlive)),
  })
})
