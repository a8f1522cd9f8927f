/** argv of `timeball serve`. */
import { ipFamily } from '@timeball/lib/address.ts'
import { InvalidArgumentError, type Command } from 'commander'
import type { ServeOptions } from './serve.ts'
import type { Shell } from './shell.ts'

export function addServe(program: Command, shell: Shell, end: (code: number) => void): void {
  program
    .command('serve')
    .description('The controller: watches the fleet, and answers /metrics, /sd and /health.')
    .option('-i, --inventory <file>', 'Ansible YAML inventory (default: inventory.yml)')
    .option('-f, --fleet <file>', 'settings (default: fleet.yaml beside the inventory)')
    .option('--bind <address>', 'IP address to listen on', address, '127.0.0.1')
    .option('--port <number>', 'port to listen on', portNumber, 8080)
    .option('--token-file <file>', 'a token that requests must bear; needed beyond 127.0.0.1')
    .option('--interval <seconds>', 'time between two sweeps of the clocks', secondsFrom(5), 15)
    .option(
      '--look-interval <seconds>',
      'time between two looks at the devices',
      secondsFrom(5),
      300,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  timeball serve\n  timeball serve --bind 0.0.0.0 --token-file token',
    )
    .action(async (options: ServeOptions) => {
      const { serveCommand } = await import('./serve.ts')
      end(await serveCommand(await shell.open(), options))
    })
}

function address(text: string): string {
  if (ipFamily(text) !== null) return text
  throw new InvalidArgumentError('It is an IP address, such as 127.0.0.1.')
}

function portNumber(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= 65_535) return value
  throw new InvalidArgumentError('It is a number from 0 to 65535; 0 lets the system choose.')
}

/** Servers limit rates: four samples are answered every few seconds, not more often. */
function secondsFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isFinite(value) && value >= least && value <= 86_400) return value
    throw new InvalidArgumentError(`It is a number of seconds from ${least} to 86400.`)
  }
}
