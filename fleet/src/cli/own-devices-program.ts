/** argv of the commands that start devices of their own. */
import { Argument } from 'commander'
import { examples, jsonOption, type CommandEntry } from './command-entry.ts'

export type LabAction = 'up' | 'down' | 'status'

/** What they do is in `main/`: they need more than a fleet. */
export interface OwnDevices {
  demo(options: { readonly once?: boolean; readonly json?: boolean }): Promise<number>
  lab(action: LabAction, options: { readonly purge?: boolean }): Promise<number>
}

export function ownDevicesCommands(own: OwnDevices): Record<'demo' | 'lab', CommandEntry> {
  return {
    demo: {
      usage: 'demo',
      summary: 'Four devices on this machine, deployed and watched. No root needed.',
      define(command, { end }) {
        jsonOption(
          command.option(
            '--once',
            'end after two rollouts, a good one and one that is rolled back',
          ),
        )
          .addHelpText('after', examples('demo', 'demo --once'))
          .action(async (options: { once?: boolean; json?: boolean }) => {
            end(await own.demo(options))
          })
      },
    },
    lab: {
      usage: 'lab',
      summary: 'Virtual Pis with systemd, sshd, Docker and ntpd (needs root and Debian).',
      define(command, { end }) {
        command
          .addArgument(new Argument('<action>', 'what to do').choices(['up', 'down', 'status']))
          .option('--purge', 'with down: remove the cached images as well')
          .addHelpText('after', examples('lab up', 'lab down --purge'))
          .action(async (action: LabAction, options: { purge?: boolean }) => {
            end(await own.lab(action, options))
          })
      },
    },
  }
}
