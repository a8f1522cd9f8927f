/** The program: reads argv, environment and signals, builds the adapters, runs one command. */
import { exitCodes } from '../api/exit-codes.ts'
import { troubleOf } from '../api/trouble.ts'
import { commandWord } from '../cli/command-word.ts'
import { runProgram } from '../cli/program.ts'
import { sayTrouble } from '../cli/say-trouble.ts'
import type { Context } from '../cli/context.ts'
import { endingOf, endingSignals, type EndingSignal } from './ending.ts'
import { withCredentials } from './credentials.ts'
import { openOutput, type Loss } from './output.ts'
import { pagedOutput, pagerFor } from './pager.ts'
import { ownDevices } from './own-devices.ts'
import { createTerminal } from './terminal.ts'
import { version } from './version.ts'
import { workingFolder } from './working-folder.ts'

const stop = new AbortController()
const abort = new AbortController()
let signal: EndingSignal | null = null
let lost: Loss | null = null

// A copy, and keys only in it: what this program starts has no use for them.
const environment = withCredentials(process.env)
for (const name of Object.keys(environment)) {
  if (/^API_KEY_|^TIMEBALL_AGE_|^SOPS_AGE_KEY$/.test(name))
    Reflect.deleteProperty(process.env, name)
}
const argv = process.argv.slice(2)
const stdout = openOutput(1, () => process.stdout)
const pager = stdout.isTerminal ? pagerFor(argv, environment) : null
const screen =
  pager === null
    ? null
    : pagedOutput(stdout, pager, { environment, rows: () => process.stdout.rows || 24 })
let isPaging = false
// However it ends, what was said is shown.
process.on('exit', () => screen?.finish('plain'))
const stderr = openOutput(2, () => process.stderr)
const terminal = createTerminal(
  { stdin: () => process.stdin, echo: () => process.stderr, stdout: screen ?? stdout, stderr },
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

/** What is shown is done by another process, and goes on there. */
let isDetaching = false
function detaches(): void {
  isDetaching = true
}

/** Once: finish what runs. Twice: abort it; devices that were being changed revert by themselves. */
function onSignal(name: EndingSignal): void {
  // Ctrl-C is for the pager then.
  if (isPaging) return
  signal = name
  if (stop.signal.aborted) abort.abort()
  else if (isDetaching) stop.abort()
  else {
    const again = name === 'SIGINT' ? 'press Ctrl-C again to abort' : 'send it again to abort'
    terminal.say(`timeball: ${name}: finishing what runs; ${again}`)
    stop.abort()
  }
}
for (const name of endingSignals) process.on(name, onSignal)

const { enter: enterFolder, leave: leaveFolder } = workingFolder()

// Thrown where nobody waits: the state of this process is not known any more. Devices that were
// being changed revert by themselves.
process.on('uncaughtException', (error) => {
  const trouble = troubleOf(error)
  sayTrouble(terminal, trouble)
  if (argv.includes('--json') || environment['TIMEBALL_JSON'] === '1') {
    const { code, message, hint } = trouble
    const errors = [{ code, message, hint }]
    const exit = exitCodes.failed
    terminal.out(JSON.stringify({ type: 'result', status: 'failed', exit, errors }))
  }
  process.exit(exitCodes.failed)
})

async function open(): Promise<Context> {
  const { createContext } = await import('./context.ts')
  const signals = { stop: stop.signal, abort: abort.signal }
  return createContext({ version, terminal, ...signals, environment, leaveFolder, detaches })
}

const reading: ReadonlySet<string | undefined> = new Set(['plan', 'health', 'clock', 'inventory'])

async function main(): Promise<void> {
  const shell = { version, terminal, environment, enterFolder, open }
  const exit = await runProgram(argv, shell, ownDevices(shell, environment))
  isPaging = true
  screen?.finish('paged')
  const isReading = reading.has(commandWord(argv))
  process.exitCode = endingOf({ exit, signal, stdout: lost, isReading })
}
void main()
