import { after } from 'node:test'
import { rolloutStoreContract } from '../../ports/rollout-store.contract.ts'
import { sampleStoreContract } from '../../ports/sample-store.contract.ts'
import { openRolloutStore } from './rollout-store.ts'
import { openSampleStore } from './sample-store.ts'
import { startServer } from './test/server.ts'

const server = await startServer()
after(() => server.stop())
const password = undefined
const nobodyIsKnown = () => null

rolloutStoreContract('PostgreSQL', async () => {
  const url = server.newState()
  return { open: (isAlive = nobodyIsKnown) => openRolloutStore({ url, password }, isAlive) }
})

sampleStoreContract('PostgreSQL', async () => {
  const url = server.newState()
  return { open: (retention) => openSampleStore({ url, password }, retention) }
})
