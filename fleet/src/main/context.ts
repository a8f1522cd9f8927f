/** Commands' context made of the real parts. */
import { dirname, join } from 'node:path'
import { makeFolder, writeFile } from '@timeball/lib/files.ts'
import { auditedSecrets, type Note } from '../app/operate/audited-store.ts'
import type { HeldAnswers } from '../app/spare-strangers.ts'
import type { Outside } from '../app/outside.ts'
import { wallAheadNs } from '@timeball/clock/ntp/exchange-clock.ts'
import type { Context, FleetOptions, LastRun, LoadedFleet, TrialRequest } from '../cli/context.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { Device } from '../core/device/device.ts'
import { revokedFile, timeOf, type Revoked } from '../core/device/revoked.ts'
import { readPatternFiles } from '@timeball/inventory/files/pattern-files.ts'
import type { Inventory } from '@timeball/inventory/inventory.ts'
import { filesOfPattern, selectHosts } from '@timeball/inventory/select-hosts.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ImageTrial } from '../ports/image-trial.ts'
import { openSecretStore, type Environment } from '../stores/registry.ts'
import { labelsOf } from '../core/fleet/labels.ts'
import { backupsWith } from './backups.ts'
import { filesHere } from './files-here.ts'
import { loadInventory, sourcesOf } from './inventory/load-inventory.ts'
import { vaultSealer } from './inventory/vault-access.ts'
import { loadNames } from './inventory/load-names.ts'
import { readLastRun, saveLastRun } from './last-run.ts'
import { loadFleet } from './load-fleet.ts'
import { openCommits } from './git/commits.ts'
import { enterNetworkNamespace } from './network-namespace.ts'
import { operatorOf, thisProcess } from './process-identity.ts'
import { listenForController } from './serve.ts'
import { readRunbook } from './runbooks.ts'
import { openState } from './state.ts'
import { takeTurn } from './take-turn.ts'
import { wait } from './wait.ts'

export interface ContextParts {
  readonly version: string
  readonly terminal: Terminal
  readonly stop: AbortSignal
  readonly abort: AbortSignal
  readonly environment: Environment
  /** Absent: the process works where it was started. */
  readonly leaveFolder?: () => void
  readonly detaches?: () => void
}

export function createContext({
  environment,
  leaveFolder = () => {},
  ...parts
}: ContextParts): Context {
  const { noteFor, ...state } = openState(parts.terminal, environment)
  const held: HeldAnswers = new Map()
  const standings: Outside['standings'] = new Map()
  const secretsOf = secretsWith(environment, parts.terminal, noteFor)
  return {
    ...parts,
    ...state,
    ...filesHere,
    operator: operatorOf(environment),
    self: thisProcess(),
    nowUnixMs: () => Date.now(),
    nowMs: () => performance.now(),
    loadInventory: (options) => inventoryOf(options, environment),
    vaultSealer: (options) => vaultSealer(options, environment),
    inventoryNames: loadNames,
    loadFleet: (options) => loadFleet(options, environment),
    ...selections,
    enterNetwork: (loaded) => enterNetworkOf(loaded, environment, leaveFolder),
    async openOutside(loaded: LoadedFleet, options: FleetOptions) {
      const { fleet, stateFolder } = loaded
      const { openOutside } = await import('./outside.ts')
      return await openOutside({
        settings: fleet.settings,
        stateFolder,
        environment,
        secrets: await secretsOf(loaded),
        standings,
        ...wayOf(options),
        strangers: {
          held,
          now: () => ({ atMs: performance.now(), wallAheadNs: wallAheadNs() }),
          openSamples: () => state.openSamples(loaded),
          say: (line) => parts.terminal.say(`timeball: ${line}`),
        },
      })
    },
    login: loginWith(environment),
    openSecrets: secretsOf,
    ...backupsWith(environment, parts),
    ...enrollWith(environment, parts.abort),
    newNonce,
    repositoryLines: async ({ stateFolder }, visit) =>
      await (await import('./repository-lines.ts')).repositoryLines(dirname(stateFolder), visit),
    newKey: () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url'),
    listen: listenForController,
    openImageTrial: (request) => openImageTrial(request, parts.stop),
    openImages: async (loaded) => (await import('./images.ts')).openImages(loaded),
    openMonitoring: async (loaded, directory) =>
      (await import('./monitoring.ts')).openMonitoring(loaded, directory),
    saveLastRun: (loaded, run) => saveRun(parts.terminal, loaded, run),
    keep: (loaded, name, text) => keep(parts.terminal, loaded, name, text),
    takeTurn: ({ stateFolder }, name) => takeTurn(stateFolder, name),
    ...{ readRunbook, wait, openCommits: commitsWith(parts.abort) },
  }
}

/** A passphrase is asked for once. */
function secretsWith(
  environment: Environment,
  terminal: Terminal,
  noteFor: (loaded: LoadedFleet) => Note,
): Context['openSecrets'] {
  const passphrases = new Map<string, Promise<string | null>>()
  return async (loaded, other) => {
    const { settings, devices } = loaded.fleet
    const store = await openSecretStore(other ?? settings.secrets, {
      environment,
      vault: loaded.vault,
      devices: devices.map(({ name }) => name),
      askPassphrase: (file) =>
        passphrases.getOrInsertComputed(file, () => terminal.askHidden(`Passphrase of ${file}: `)),
    })
    return auditedSecrets(store, noteFor(loaded))
  }
}

function loginWith(environment: Environment): Context['login'] {
  return async ({ fleet: { settings }, stateFolder }, device, command, options) => {
    const { login } = await import('./login.ts')
    const runtimeFolder = environment['XDG_RUNTIME_DIR'] ?? null
    const hostKeys = hostKeysOf(options)
    return await login(device, command, { settings, stateFolder, runtimeFolder, hostKeys })
  }
}

function enrollWith(
  environment: Environment,
  signal: AbortSignal,
): Pick<Context, 'presentedHostKey' | 'openAccount'> {
  return {
    async presentedHostKey({ fleet: { settings }, stateFolder }, device) {
      const { presentedHostKey } = await import('./host-key.ts')
      const runtimeFolder = environment['XDG_RUNTIME_DIR'] ?? null
      const place = { settings, stateFolder, runtimeFolder, hostKeys: 'strict' } as const
      return await presentedHostKey(device, place, signal)
    },
    openAccount: async (file) => await (await import('./account.ts')).openAccount(file),
  }
}

function commitsWith(signal: AbortSignal): Context['openCommits'] {
  return (loaded, settings, options) => openCommits({ loaded, settings, options, signal })
}

/** What the command line says of the way to devices. */
function wayOf(options: FleetOptions) {
  const vaultPasswordFiles = options.vaultPasswordFile ?? []
  return { hostKeys: hostKeysOf(options), inventories: sourcesOf(options), vaultPasswordFiles }
}

function hostKeysOf({ acceptNewHostKeys }: FleetOptions): 'strict' | 'accept-new' {
  return acceptNewHostKeys === true ? 'accept-new' : 'strict'
}

async function inventoryOf(
  options: FleetOptions,
  environment: Environment,
): Promise<Result<Inventory, readonly Problem[]>> {
  const loaded = await loadInventory(options, environment)
  return loaded.ok ? ok(loaded.value.inventory) : loaded
}

async function openImageTrial(
  { ref, seconds, loaded }: TrialRequest,
  signal: AbortSignal,
): Promise<ImageTrial> {
  const { imageTrial } = await import('./image-trial.ts')
  const { keptForTrial } = await import('./images.ts')
  const kept = loaded === null ? null : await keptForTrial(loaded, ref)
  return imageTrial({ ref, kept, patienceMs: seconds * 1000, signal, nonce: newNonce() })
}

function newNonce(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')
}

function enterNetworkOf(
  { fleet, settingsFile: file }: LoadedFleet,
  environment: Environment,
  beforeRun: () => void,
): Problem | null {
  const { namespace } = fleet.settings.network
  return namespace === undefined
    ? null
    : enterNetworkNamespace(namespace, { file, environment, beforeRun })
}

async function select(
  loaded: LoadedFleet,
  pattern: string | undefined,
): Promise<Result<readonly Device[], readonly Problem[]>> {
  const { devices } = loaded.fleet
  if (pattern === undefined) return ok(devices)
  const files = readPatternFiles(filesOfPattern(pattern))
  const selected = await hostsOf(loaded, pattern, files)
  if (!selected.ok) return selected
  const strange = selected.value.flatMap((name) =>
    (loaded.leftOut.get(name) ?? []).map((each) => ({ ...each, what: `${name}: ${each.what}` })),
  )
  if (strange.length > 0) return fail(strange)
  const wanted = new Set(selected.value)
  const chosen = devices.filter(({ name }) => wanted.has(name))
  if (chosen.length > 0) return ok(chosen)
  const gone = loaded.fleet.revoked.find(({ name }) => wanted.has(name))
  if (gone !== undefined) return fail([revokedProblem(gone)])
  const what = `no host of "${pattern}" is a device`
  const fix = 'See devices: in fleet.yaml'
  return fail([{ file: '(command line)', line: null, column: null, what, fix }])
}

const selections = { select, selectNames }

async function selectNames(
  loaded: LoadedFleet,
  pattern: string,
): Promise<Result<readonly string[], readonly Problem[]>> {
  return await hostsOf(loaded, pattern, new Map())
}

async function hostsOf(
  loaded: LoadedFleet,
  pattern: string,
  files: ReadonlyMap<string, string>,
): Promise<Result<readonly string[], readonly Problem[]>> {
  const lastRun = await readLastRun(loaded)
  return selectHosts(loaded.inventory, pattern, {
    files,
    lists: new Map([
      ['failed', lastRun.failed],
      ['changed', lastRun.changed],
    ]),
    labels: labelsOf(loaded.fleet.devices),
  })
}

function revokedProblem({ name, atUnixMs }: Revoked): Problem {
  const what = `${name} was revoked on ${timeOf(atUnixMs)}: nothing goes there`
  const fix = `when it is in good hands again: timeball keys revoke ${name} --undo`
  return { file: revokedFile, line: null, column: null, what, fix }
}

async function saveRun(
  terminal: Terminal,
  loaded: LoadedFleet,
  run: Partial<LastRun>,
): Promise<void> {
  try {
    await saveLastRun(loaded, run)
  } catch (error) {
    terminal.say(`timeball: @failed and @changed could not be kept: ${reason(error)}`)
  }
}

async function keep(
  terminal: Terminal,
  { stateFolder }: LoadedFleet,
  name: string,
  text: string,
): Promise<void> {
  try {
    makeFolder(stateFolder, 0o700)
    await writeFile(join(stateFolder, name), text, { mode: 0o600 })
  } catch (error) {
    terminal.say(`timeball: ${name} could not be kept: ${reason(error)}`)
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
