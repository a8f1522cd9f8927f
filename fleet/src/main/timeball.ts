/** The program: reads argv, environment and signals, builds the adapters, runs one command. */
import { exitCodes } from '../api/exit-codes.ts'
import { troubleOf } from '../api/trouble.ts'
import { runProgram } from '../cli/program.ts'
import { sayTrouble } from '../cli/say-trouble.ts'
import type { Context } from '../cli/context.ts'
import { endingOf, endingSignals, type EndingSignal } from './ending.ts'
import { openOutput, type Loss } from './output.ts'
import { ownDevices } from './own-devices.ts'
import { enterDirectory, takeDirectory } from './start-directory.ts'
import { createTerminal } from './terminal.ts'
import { version } from './version.ts'

const stop = new AbortController()
const abort = new AbortController()
let signal: EndingSignal | null = null
let lost: Loss | null = null

// A copy, and keys only in it: what this program starts has no use for them.
const environment = { ...process.env }
for (const name of Object.keys(environment)) {
  if (name.startsWith('API_KEY_')) Reflect.deleteProperty(process.env, name)
}
const stdout = openOutput(1, () => process.stdout)
const stderr = openOutput(2, () => process.stderr)
const terminal = createTerminal(
  { stdin: () => process.stdin, echo: () => process.stderr, stdout, stderr },
  {
    noColor: (environment['NO_COLOR'] ?? '') !== '',
    isDumb: environment['TERM'] === 'dumb',
  },
)

// What nobody reads need not be found out; what runs on a device is finished all the same.
stdout.onLoss = (loss) => {
  lost = loss
  if (loss.kind === 'broken') terminal.say(`timeball: the output cannot be written: ${loss.why}`)
  stop.abort()
}

/** Once: finish what runs. Twice: abort it; devices that were being changed revert by themselves. */
function onSignal(name: EndingSignal): void {
  signal = name
  if (stop.signal.aborted) abort.abort()
  else {
    const again = name === 'SIGINT' ? 'press Ctrl-C again to abort' : 'send it again to abort'
    terminal.say(`timeball: ${name}: finishing what runs; ${again}`)
    stop.abort()
  }
}
for (const name of endingSignals) process.on(name, onSignal)

const { argv, directory } = takeDirectory(process.argv.slice(2), environment)

// Thrown where nobody waits: the state of this process is not known any more. Devices that were
// being changed revert by themselves.
process.on('uncaughtException', (error) => {
  const trouble = troubleOf(error)
  sayTrouble(terminal, trouble)
  if (argv.includes('--json')) {
    const { code, message, hint } = trouble
    const errors = [{ code, message, hint }]
    const exit = exitCodes.failed
    terminal.out(JSON.stringify({ type: 'result', status: 'failed', exit, errors }))
  }
  process.exit(exitCodes.failed)
})

async function open(): Promise<Context> {
  const { createContext } = await import('./context.ts')
  return createContext({ version, terminal, stop: stop.signal, abort: abort.signal, environment })
}

const reading: ReadonlySet<string | undefined> = new Set(['plan', 'health', 'clock', 'inventory'])

async function main(): Promise<void> {
  const obstacle = enterDirectory(directory)
  if (obstacle !== null) {
    terminal.say(`timeball: -C ${directory}: ${obstacle}`)
    process.exitCode = exitCodes.usage
    return
  }
  const shell = { version, terminal, open }
  const exit = await runProgram(argv, shell, ownDevices(shell, environment))
  const isReading = reading.has(argv[0])
  process.exitCode = endingOf({ exit, signal, stdout: lost, isReading })
}
void main()
