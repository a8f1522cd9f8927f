/** Commands that start devices of their own. Their code is loaded only when they are called. */
import { exitCodes } from '../api/exit-codes.ts'
import type { OwnDevices } from '../cli/own-devices-program.ts'
import type { Environment } from '../stores/registry.ts'
import type { Shell } from '../cli/shell.ts'

export function ownDevices(shell: Shell, environment: Environment): OwnDevices {
  return {
    async demo(options) {
      const { demoCommand } = await import('./demo.ts')
      return await demoCommand(await shell.open(), environment, options)
    },
    async lab(action, options) {
      const { labCommand } = await import('./lab.ts').catch((error: unknown) => {
        if (isMissingModule(error)) return { labCommand: null }
        throw error
      })
      if (labCommand === null) {
        shell.terminal.say(
          'timeball: the lab is part of the source; it needs a clone, not a package',
        )
        return exitCodes.failed
      }
      return await labCommand(shell.terminal, action, options)
    },
  }
}

function isMissingModule(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
