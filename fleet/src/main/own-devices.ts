/** Commands that start devices of their own. Their code is loaded only when they are called. */
import type { Context } from '../cli/context.ts'
import type { OwnDevices } from '../cli/program.ts'
import type { Environment } from '../stores/secrets/environment-store.ts'

export function ownDevices(context: Context, environment: Environment): OwnDevices {
  return {
    async demo(options) {
      const { demoCommand } = await import('./demo.ts')
      return await demoCommand(context, environment, options)
    },
    async lab(action, options) {
      const { labCommand } = await import('./lab.ts')
      return await labCommand(context.terminal, action, options)
    },
  }
}
