/** argv of `timeball serve`. */
import { ipFamily } from '@timeball/lib/address.ts'
import { InvalidArgumentError, Option } from 'commander'
import { examples, fleetFiles, type CommandEntry } from './command-entry.ts'
import { secondsFrom } from './option-values.ts'
import type { ServeOptions } from './serve.ts'

export const serveEntry: CommandEntry = {
  usage: 'serve',
  summary: 'The controller: watches the fleet, and answers /metrics, /sd and /health.',
  define(command, { shell, end }) {
    fleetFiles(command)
      .option('--bind <address>', 'IP address to listen on', address, '127.0.0.1')
      .option('--port <number>', 'port to listen on', portNumber, 8080)
      .option('--token-file <file>', 'a token that requests must bear; needed beyond 127.0.0.1')
      .option('--interval <seconds>', 'time between two sweeps of the clocks', seconds, 15)
      .option('--look-interval <seconds>', 'time between two checks of the devices', seconds, 300)
      .addOption(logOption())
      .addHelpText('after', examples('serve', 'serve --bind 0.0.0.0 --token-file token'))
      .action(async (options: ServeOptions) => {
        const { serveCommand } = await import('./serve.ts')
        end(await serveCommand(await shell.open(), options))
      })
  },
}

function logOption(): Option {
  return new Option('--log <format>', 'how its log is written to stderr')
    .choices(['text', 'json'])
    .default('text')
}

/** Servers limit rates: four samples are answered every few seconds, not more often. */
const seconds = secondsFrom(5, 86_400)

function address(text: string): string {
  if (ipFamily(text) !== null) return text
  throw new InvalidArgumentError('It is an IP address, such as 127.0.0.1.')
}

export function portNumber(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= 65_535) return value
  throw new InvalidArgumentError('It is a number from 0 to 65535; 0 lets the system choose.')
}
