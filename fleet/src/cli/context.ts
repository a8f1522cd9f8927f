/** What every command gets: the screen, the fleet, and the way to the devices. */
import type { AccessStore } from '../ports/access-store.ts'
import type { BackupStore } from '../ports/backup-store.ts'
import type { Commits } from '../ports/commits.ts'
import type { HostKeys } from '../ports/host-keys.ts'
import type { Images } from '../ports/images.ts'
import type { MonitoringHost } from '../ports/monitoring-host.ts'
import type { ImageTrial } from '../ports/image-trial.ts'
import type { Outside } from '../app/outside.ts'
import type { Recovery } from '../ports/recovery.ts'
import type { RolloutStore } from '../ports/rollout-store.ts'
import type { Listening, ListenRequest } from '../app/serve/listening.ts'
import type { SampleStore } from '../ports/sample-store.ts'
import type { LeftOut } from '../core/backup/manifest.ts'
import type { FolderSeen } from '../core/ask/doctor/judge-controller.ts'
import type { Device, Reachable } from '../core/device/device.ts'
import type { Failure } from '../core/failure.ts'
import type { Fleet } from '../core/fleet/fleet.ts'
import type { GitSettings } from '../core/git/settings.ts'
import type { SealText } from '@timeball/inventory/format-inventory.ts'
import type { Inventory } from '@timeball/inventory/inventory.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import type { RolloutSummary } from '../core/rollout/summary.ts'
import type { LeaseOwner } from '../core/rollout/lease.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { RepositoryLine } from '../core/secrets/diff-reader.ts'
import type { AccountParts } from '../core/bundle/account.ts'
import type { Applier } from '../core/bundle/applier.ts'
import type { VaultAccess } from '../core/secrets/vault-access.ts'
import type { SecretSettings } from '../core/secrets/settings.ts'
import type { SeriesStore } from '../ports/series-store.ts'
import type { SecretStore } from '../ports/secret-store.ts'
import type { Terminal } from './terminal.ts'

export interface RestoredFile {
  /** Relative, of normal parts only. */
  readonly path: string
  readonly mode: number
  readonly content: Uint8Array
}

export interface RestoredFiles {
  compare(folder: string, file: RestoredFile): Promise<'absent' | 'same' | 'other'>
  /** What they replace is kept beside them. The failure is a sentence. */
  write(folder: string, files: readonly RestoredFile[]): Promise<Result<null, string>>
}

export interface ControllerArchive {
  readonly content: AsyncIterable<Uint8Array>
  readonly leftOut: readonly LeftOut[]
}

/** The options that most commands share. */
export interface FleetOptions {
  /** As after each `-i`. */
  readonly inventory?: string | readonly string[]
  readonly vaultPasswordFile?: readonly string[]
  /** The inventory may come from a stranger: nothing that it names is run on this machine. */
  readonly untrusted?: boolean
  readonly fleet?: string
  readonly limit?: string
  readonly json?: boolean
  readonly acceptNewHostKeys?: boolean
}

export interface LoadedFleet {
  readonly fleet: Fleet
  readonly inventory: Inventory
  readonly settingsFile: string
  /** `.timeball/` beside the fleet's files. */
  readonly stateFolder: string
  /** What the inventory has behind Ansible Vault. */
  readonly vault: VaultAccess
  /** Hosts that are not judged, because others were chosen: what is wrong with each. */
  readonly leftOut: ReadonlyMap<string, readonly Problem[]>
}

export interface PresentedHostKey {
  readonly fingerprint: string
  readonly line: string
}

export interface Names {
  readonly hosts: readonly string[]
  readonly groups: readonly string[]
}

export interface LastRun {
  readonly failed: readonly string[]
  readonly changed: readonly string[]
}

export interface FileHere {
  readonly content: Uint8Array
  /** Permission bits. */
  readonly mode: number
}

export interface NewFleet {
  /** Its own name, such as `fleet` of `/srv/fleet`. */
  readonly folder: string
  /** From the new fleet; `null`: none was named. */
  readonly inventory: string | null
  /** From here. */
  readonly source: string
}

export interface WriteFailure {
  readonly problem: Problem
  /** The path was no place for a file; else the machine has a trouble. */
  readonly isUsage: boolean
}

/** systemd of this machine. A failure is a sentence; `null`: it was done. */
export interface Systemd {
  /** Where the command was given. */
  here(): string
  absolute(path: string): string
  /** How this program is started. */
  program(): readonly string[]
  write(path: string, text: string): Promise<string | null>
  remove(path: string): Promise<string | null>
  control(args: readonly string[]): Promise<string | null>
  status(unit: string): Promise<{ readonly isActive: boolean; readonly text: string }>
}

export interface TrialRequest {
  readonly ref: string
  /** That it has to answer. */
  readonly seconds: number
  /** Beside which an image may be kept; `null`: there is no fleet here. */
  readonly loaded: LoadedFleet | null
}

export interface AccountKit {
  /** A line for `authorized_keys`, without options. */
  readonly publicKey: string
  /** Whether it was made now. */
  readonly isNew: boolean
  readonly parts: AccountParts
  readonly applier: Applier
}

export interface Context {
  readonly version: string
  readonly terminal: Terminal
  /** Fires at the first Ctrl-C: finish what runs. */
  readonly stop: AbortSignal
  /** Fires at the second one. */
  readonly abort: AbortSignal
  /** Who gives the command: `ada@ops-1`. */
  readonly operator: string
  /** This process, as others are told of it. */
  readonly self: LeaseOwner
  nowUnixMs(): number
  /** Monotonic. */
  nowMs(): number
  loadInventory(options: FleetOptions): Promise<Result<Inventory, readonly Problem[]>>
  /** With `limit`, hosts that may be no time servers stand in nobody's way. */
  /** Encrypts with the first password of Ansible Vault that was named. */
  vaultSealer(options: FleetOptions): Promise<Result<SealText, readonly Problem[]>>
  /** Without variables, and nothing is run. `null`: it cannot be read. */
  inventoryNames(options: FleetOptions): Promise<Names | null>
  loadFleet(options: FleetOptions): Promise<Result<LoadedFleet, readonly Problem[]>>
  /** Devices that a pattern names; all of them without one. */
  select(
    loaded: LoadedFleet,
    pattern: string | undefined,
  ): Promise<Result<readonly Device[], readonly Problem[]>>
  /** Their names, for a pattern from outside: `@FILE` reads no files of this machine. */
  selectNames(
    loaded: LoadedFleet,
    pattern: string,
  ): Promise<Result<readonly string[], readonly Problem[]>>
  /** Goes where the devices can be reached; a problem when that is not possible. */
  enterNetwork(loaded: LoadedFleet): Problem | null
  openOutside(loaded: LoadedFleet, options: FleetOptions): Promise<Outside>
  /** The store of fleet.yaml, or this one; always read anew. */
  openSecrets(loaded: LoadedFleet, settings?: SecretSettings): Promise<SecretStore>
  /** Where `backup:` of fleet.yaml says. */
  openBackups(loaded: LoadedFleet): Promise<BackupStore>
  /** A folder, or what restic takes for one, without any settings. */
  openRepository(repository: string): Promise<BackupStore>
  readonly restoredFiles: RestoredFiles
  /** Of the devices, as this fleet pins them. */
  hostKeys(loaded: LoadedFleet, options: FleetOptions): HostKeys
  /** What makes this machine the controller of the fleet, as an archive. */
  controllerArchive(loaded: LoadedFleet, options: FleetOptions): Promise<ControllerArchive>
  /** Of the repository around the fleet, as it is and as it was. The failure is a sentence. */
  repositoryLines(
    loaded: LoadedFleet,
    visit: (line: RepositoryLine) => void,
  ): Promise<Result<null, string>>
  /** 256 random bits, in characters that every `.env` can have. */
  newKey(): string
  /**
   * What a host presents now, for a human to compare; nobody logs in. `line` is for known_hosts, and
   * begins with the name by which ssh looks the host up.
   */
  presentedHostKey(loaded: LoadedFleet, device: Device): Promise<Result<PresentedHostKey, Failure>>
  /** Of the account that may only apply; its key is made when there is none. The failure is a sentence. */
  openAccount(keyFile: string): Promise<Result<AccountKit, string>>
  /** 32 random hex digits. */
  newNonce(): string
  /** What earlier sweeps saw. Without a folder to write to it is forgotten, and that is said. */
  openSamples(loaded: LoadedFleet): Promise<SampleStore>
  /** The history that the controller keeps. Without a folder to write to it is forgotten, and that is said. */
  openSeries(loaded: LoadedFleet): Promise<SeriesStore>
  /** Whether a controller runs that fleet on this machine: whoever answers at its socket. */
  isControllerHere(loaded: LoadedFleet): Promise<boolean>
  /** From now on a signal ends only what is shown: another process does the work. */
  readonly detaches?: () => void
  /** The failure is a sentence. */
  listen(request: ListenRequest): Promise<Result<Listening, string>>
  /** Tries an image on this machine. */
  openImageTrial(request: TrialRequest): Promise<ImageTrial>
  /** Journals of rollouts, and the lease of the fleet. A problem when they cannot be kept. */
  openRolloutStore(loaded: LoadedFleet): Promise<Result<RolloutStore, Problem>>
  /** Tokens, and the log of who changed what. A problem when they cannot be kept. */
  openAccess(loaded: LoadedFleet): Promise<Result<AccessStore, Problem>>
  /** Devices that were changed from here; nothing is made where nothing is remembered yet. */
  knownDevices(loaded: LoadedFleet): Promise<Result<readonly Reachable[], Problem>>
  /** Newest first; none where nothing is remembered, or what is cannot be read. Nothing is made. */
  knownRollouts(loaded: LoadedFleet): Promise<readonly RolloutSummary[]>
  /** Makes a new state out of what can be read of a damaged one. */
  recoverState(loaded: LoadedFleet): Promise<Result<Recovery, Problem>>
  /** The repository that `git:` of fleet.yaml names; of a fleet without one it is not asked for. */
  openCommits(loaded: LoadedFleet, settings: GitSettings, options: FleetOptions): Commits
  /** `.timeball/images/` beside the fleet's files. */
  openImages(loaded: LoadedFleet): Promise<Images>
  /** Where the monitoring is written and runs; `monitoring/` beside fleet.yaml by default. */
  openMonitoring(loaded: LoadedFleet, directory: string | undefined): Promise<MonitoringHost>
  /** For `@failed` and `@changed`; what is not given stays. Says so when it cannot; that is no reason to fail. */
  saveLastRun(loaded: LoadedFleet, run: Partial<LastRun>): Promise<void>
  /** Writes a file of `.timeball/`. Says so when it cannot; that is no reason to fail. */
  keep(loaded: LoadedFleet, name: string, text: string): Promise<void>
  /**
   * A right that one process has at a time, until it gives it back or ends; `null`: another has it.
   */
  takeTurn(loaded: LoadedFleet, name: string): (() => void) | null
  /** Of an alert, in Markdown; `null`: there is none. */
  readRunbook(alert: string): Promise<string | null>
  readText(path: string): Promise<Result<string, Problem>>
  readBytes(path: string): Promise<Result<FileHere, Problem>>
  isFolder(path: string): Promise<boolean>
  /** Where a new fleet is to be, and the Ansible inventory that it is to have. */
  newFleet(directory: string, ansible: string | null): Promise<Result<NewFleet, Problem>>
  /** With its folders; a file that is there is left alone. */
  createFile(path: string, text: string): Promise<'made' | 'there' | WriteFailure>
  readonly systemd: Systemd
  seeFolder(path: string): Promise<FolderSeen>
  /** The first line that a program of this machine says of itself; `null`: there is none. */
  toolVersion(program: string, args: readonly string[]): Promise<string | null>
  /** Readable by the owner only. `null`: written. */
  writeFile(path: string, content: string | Uint8Array): Promise<WriteFailure | null>
  /** It may be there already; so may what it is in. */
  makeFolder(path: string): Promise<WriteFailure | null>
  /**
   * Hands the terminal to a session on the device, or to a command there; gives ssh's exit code,
   * which is 255 when it got nowhere. The failure is a sentence.
   */
  login(
    loaded: LoadedFleet,
    device: Device,
    command: string | null,
    options: FleetOptions,
  ): Promise<Result<number, string>>
  wait(ms: number, signal: AbortSignal): Promise<void>
}
