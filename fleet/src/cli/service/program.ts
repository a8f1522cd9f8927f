/** argv of `timeball service`. */
import { examples, fleetFiles, refuseUnknown, type CommandEntry } from '../command-entry.ts'
import { portNumber } from '../serve-program.ts'
import type { InstallOptions } from './service.ts'

export const serviceEntry: CommandEntry = {
  usage: 'service',
  summary: 'Keeps serve running: a unit of systemd with no right that it does not need.',
  define(service, { shell, end }) {
    fleetFiles(service.command('install'))
      .description('Write the unit, start it, and say where to look; needs root.')
      .option('--user <name>', 'account whose ssh keys reach the devices (default: yours)')
      .option('--keys <file>', 'file of API_KEY_1=… lines, handed over as a credential')
      .option('--port <number>', 'port to listen on', portNumber, 8080)
      .option('--print', 'show the unit, and write nothing')
      .addHelpText(
        'after',
        examples('service install --print', 'service install --user timeball --keys keys.env'),
      )
      .action(async (options: InstallOptions) => {
        const { installCommand } = await import('./service.ts')
        end(await installCommand(await shell.open(), options))
      })
    service
      .command('status')
      .description('What systemd says of it.')
      .addHelpText('after', examples('service status'))
      .action(async () => {
        const { statusCommand } = await import('./service.ts')
        end(await statusCommand(await shell.open()))
      })
    service
      .command('uninstall')
      .description('End it, and take the unit away; the fleet and what is remembered stay.')
      .addHelpText('after', examples('service uninstall'))
      .action(async () => {
        const { uninstallCommand } = await import('./service.ts')
        end(await uninstallCommand(await shell.open()))
      })
    service.addHelpText(
      'after',
      examples('service install --print', 'service install --user timeball --keys keys.env'),
    )
    refuseUnknown(service)
  },
}
