/** Those cells of the fault matrix that each take another way through the program. Needs root on Debian. */
import assert from 'node:assert/strict'
import { faultSuite } from './fault-suite.ts'
import { matrix } from './fault-table.ts'

const chosen = [
  'the controller is killed, during the change',
  'the network is cut, while it settles',
  'the power fails, during the roll back',
]
const cells = matrix.filter(({ fault, step }) => chosen.includes(`${fault}, ${step}`))
assert.equal(cells.length, chosen.length)

faultSuite(cells, [])
