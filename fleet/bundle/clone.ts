/** Makes the bundle that `./timeball` runs. Exits with 1 when the sources have to be run instead. */
import { join } from 'node:path'
import { bundleClone } from './bundle-clone.ts'

const isMade = await bundleClone(join(import.meta.dirname, '../..'), Date.now())
process.exitCode = isMade ? 0 : 1
