/** The program: reads argv, environment and signals, builds the adapters, runs one command. */
import { runProgram } from '../cli/program.ts'
import type { Context } from '../cli/context.ts'
import { ownDevices } from './own-devices.ts'
import { createTerminal } from './terminal.ts'
import { version } from './version.ts'

const stop = new AbortController()
const abort = new AbortController()
let endedBy: 'SIGINT' | 'SIGTERM' | null = null

/** Once: finish what runs. Twice: cut it off; devices that were being changed go back by themselves. */
function onSignal(signal: 'SIGINT' | 'SIGTERM'): void {
  endedBy = signal
  if (stop.signal.aborted) abort.abort()
  else {
    terminal.say(`timeball: ${signal}: finishing what runs; once more to cut it off`)
    stop.abort()
  }
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)
// `timeball … | head`: the reader has gone. What runs on a device is still finished.
process.stdout.on('error', () => stop.abort())

// A copy, and keys only in it: what this program starts has no use for them.
const environment = { ...process.env }
for (const name of Object.keys(environment)) {
  if (name.startsWith('API_KEY_')) Reflect.deleteProperty(process.env, name)
}
const terminal = createTerminal(process, {
  noColor: (environment['NO_COLOR'] ?? '') !== '',
  isDumb: environment['TERM'] === 'dumb',
})
async function open(): Promise<Context> {
  const { createContext } = await import('./context.ts')
  return createContext({ version, terminal, stop: stop.signal, abort: abort.signal, environment })
}
const shell = { version, terminal, open }
async function main(): Promise<void> {
  const exit = await runProgram(process.argv.slice(2), shell, ownDevices(shell, environment))
  process.exitCode = endedBy === 'SIGTERM' && exit === 130 ? 143 : exit
}
void main()
