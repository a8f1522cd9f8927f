/** Commands that start devices of their own. Their code is loaded only when they are called. */
import { exitCodes } from '../api/exit-codes.ts'
import type { OwnDevices } from '../cli/own-devices-program.ts'
import type { Shell } from '../cli/shell.ts'
import type { Environment } from '../stores/registry.ts'

export function ownDevices(shell: Shell, environment: Environment): OwnDevices {
  const lacks = (what: string): number => {
    shell.terminal.say(`timeball: ${what}`)
    return exitCodes.failed
  }
  return {
    async demo(options) {
      const demo = await orMissing(import('./demo.ts'))
      if (demo === null) return lacks(demoLacks)
      return await demo.demoCommand(await shell.open(), environment, options)
    },
    async lab(action, options) {
      const lab = await orMissing(import('./lab.ts'))
      if (lab === null) return lacks(labLacks)
      return await lab.labCommand(shell.terminal, action, options)
    },
  }
}

const labLacks = 'the lab is part of the source; it needs a clone, not a package'
const demoLacks =
  "the demo's devices need the library ssh2 as their SSH server, which is not part of the package; " +
  'install it beside timeball, such as with: npm install --global ssh2'

/** `null`: it needs a module that is not installed. */
async function orMissing<T>(loading: Promise<T>): Promise<T | null> {
  try {
    return await loading
  } catch (error) {
    if (isMissingModule(error)) return null
    throw error
  }
}

/** The names that Node's two loaders have for it. */
const missing: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']

function isMissingModule(error: unknown): boolean {
  return error instanceof Error && 'code' in error && missing.includes(error.code)
}
