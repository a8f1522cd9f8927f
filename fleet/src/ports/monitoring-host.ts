/** The machine on which the monitoring is written and runs; `monitoring-host.contract.ts` is for its folder. */
import type { Result } from '@timeball/lib/result.ts'

/** A sentence on what went wrong, with the path or program. */
export type Trouble = string

/** One folder; paths are below it. */
export interface Folder {
  /** As it is shown. */
  readonly path: string
  /** `null`: there is no such file. */
  read(path: string): Promise<Result<string | null, Trouble>>
  /** Replaces the whole file at once. */
  write(path: string, text: string): Promise<Result<null, Trouble>>
  /** Makes it, readable by its owner only; an existing one stays as it is. */
  createSecret(path: string): Promise<Result<'created' | 'kept', Trouble>>
  remove(path: string): Promise<Result<null, Trouble>>
  /** `null`: fine; else why the file cannot serve as a secret. */
  troubleWithSecret(path: string): Promise<Trouble | null>
}

export type ToolEnd =
  | { readonly kind: 'missing' }
  | { readonly kind: 'ended'; readonly code: number | null; readonly output: string }

/** Runs `promtool` or `amtool` in the folder. */
export type RunTool = (program: string, args: readonly string[]) => Promise<ToolEnd>

export interface ServiceState {
  readonly name: string
  readonly state: 'ready' | 'starting' | 'stopped'
  /** Where it listens, or why it does not. */
  readonly detail: string
}

/** Prometheus, Alertmanager and Grafana, in containers or as programs of this machine. */
export interface Stack {
  readonly kind: 'compose' | 'host'
  /** Starts what does not run, and makes what runs read the files again. */
  up(): Promise<Result<null, Trouble>>
  /** Ends them and waits until they have. */
  down(): Promise<Result<null, Trouble>>
  status(): Promise<readonly ServiceState[]>
}

export interface MonitoringHost {
  readonly folder: Folder
  /** The way from the folder to that of fleet.yaml. */
  readonly fleetFolder: string
  readonly runTool: RunTool
  /** `null` wanted: Compose where it is, else programs of the host. */
  openStack(wanted: Stack['kind'] | null): Promise<Result<Stack, Trouble>>
}
