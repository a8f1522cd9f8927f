import { sampleStoreContract } from '../../ports/sample-store.contract.ts'
import { memorySamples } from './sample-store.ts'

sampleStoreContract('memory', () => {
  const samples = memorySamples()
  return Promise.resolve({ open: (retention) => Promise.resolve(samples.open(retention)) })
})
