/** argv of `timeball image`. */
import { examples, jsonOption, refuseUnknown, type CommandEntry } from '../command-entry.ts'
import { secondsFrom } from '../option-values.ts'
import type { CheckOptions } from './check.ts'

export const imageEntry: CommandEntry = {
  usage: 'image',
  summary: 'The time-server image: does it keep the device contract?',
  define(image, { shell, end }) {
    jsonOption(image.command('check <ref>'))
      .description('Try any image on this machine: does it keep what devices rely on?')
      .option('--timeout <seconds>', 'time that it has to answer', secondsFrom(1, 3600), 60)
      .addHelpText('after', examples('image check REGISTRY/mcp-utc-time-server:0.1.0'))
      .action(async (ref: string, options: CheckOptions) => {
        const { checkCommand } = await import('./check.ts')
        end(await checkCommand(await shell.open(), ref, options))
      })
    image.addHelpText('after', examples('image check REGISTRY/mcp-utc-time-server:0.1.0'))
    refuseUnknown(image)
  },
}
