/** argv of `timeball device`. */
import {
  examples,
  fleetFiles,
  hostKeyOption,
  jsonOption,
  refuseUnknown,
  type CommandEntry,
} from './command-entry.ts'
import type { RetireOptions } from './retire.ts'

export const deviceEntry: CommandEntry = {
  usage: 'device',
  summary: 'Ends what goes on at a device that left the inventory.',
  define(device, { shell, end }) {
    const retire = device
      .command('retire <name>')
      .description('Stop its time server, and take its files and keys away.')
    hostKeyOption(jsonOption(fleetFiles(retire)))
      .option('-y, --yes', 'do not ask')
      .option('--forget', 'go nowhere: it is gone for good')
      .option('--allow-quorum-loss', 'also where too few good servers are left')
      .option('--allow-other-state', 'also what another state directory changed a moment ago')
      .addHelpText('after', examples('device retire pi-ntp-02', 'device retire pi-ntp-02 --forget'))
      .action(async (name: string, options: RetireOptions) => {
        const { retireCommand } = await import('./retire.ts')
        end(await retireCommand(await shell.open(), name, options))
      })
    device.addHelpText('after', examples('device retire pi-ntp-02'))
    refuseUnknown(device)
  },
}
