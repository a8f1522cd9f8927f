/** What a device said it has: the parsed answer to an `observe` bundle. See docs/device-protocol.md. */

export interface ObservedFile {
  readonly path: string
  readonly state: 'absent' | 'file' | 'symlink' | 'directory' | 'other'
  /** Octal with a leading zero, such as `0600`; `null` unless `state` is `file`. */
  readonly mode: string | null
  /** sha256(nonce + content) in lower-case hex; `null` unless `state` is `file`. */
  readonly digest: string | null
  /** Content, with secret values masked in env files; `null` when absent, too large or not UTF-8. */
  readonly content: string | null
}

export interface ObservedService {
  readonly name: string
  readonly load: 'loaded' | 'not-found' | 'masked' | 'unknown'
  readonly active: 'active' | 'inactive' | 'failed' | 'unknown'
  readonly enabled: 'enabled' | 'disabled' | 'static' | 'unknown'
}

export interface ObservedContainer {
  readonly name: string
  readonly state:
    | 'running'
    | 'restarting'
    | 'exited'
    | 'paused'
    | 'created'
    | 'dead'
    | 'absent'
    | 'unknown'
  readonly imageId: string | null
  /** As it was named when the container was made; `null`: not known. */
  readonly imageName: string | null
  /** Of the compose project that made it; `null`: it was made by hand, or there is none. */
  readonly project: string | null
  /** The version that its image is labelled with; `null`: it has no such label. */
  readonly versionLabel: string | null
  readonly restarts: number
  readonly health: 'healthy' | 'unhealthy' | 'starting' | 'none'
  /** Whether it is the very container that the last activation made. */
  readonly activated: boolean
}

export interface ObservedDisk {
  readonly path: string
  readonly sizeBytes: number
  readonly freeBytes: number
  readonly usedPercent: number
}

/** Of a log that says more, only its newest lines are read: it was cut. */
export const mostLogLines = 10_000

export interface ObservedLog {
  /** How far back was looked, by the clock of the device. */
  readonly seconds: number
  /** At most `mostLogLines`. */
  readonly lines: number
  /** Lines of level error or worse. */
  readonly errors: number
}

/** One device as it was seen. Maps are keyed by name, path or reference. */
export interface Observed {
  /** Nonce of the observation: the key of all file digests and masked values in it. */
  readonly nonce: string
  readonly hostname: string
  readonly arch: string
  readonly os: string
  readonly bootId: string
  readonly uptimeSeconds: number
  /** Number of the active generation; 0 when Timeball has never applied anything. */
  readonly generation: number
  /** Content address of the active generation's desired state; `null` for generation 0. */
  readonly state: string | null
  readonly epoch: number
  /** The operation that brought this epoch; `null`: nobody knows. */
  readonly epochBy: string | null
  /** Seconds since, by the device's own clock; `null`: nobody knows. */
  readonly epochAgeSeconds: number | null
  /** The generation that is not confirmed yet; `null` when there is none. */
  readonly pending: number | null
  /** The generation that a rollback leads to which was cut short; `null` when there is none. */
  readonly returning: number | null
  readonly rebootRequired: boolean
  /** The operation that was at work on it, in the device's words; `null`: none was. */
  readonly busy: string | null
  readonly recovered: {
    readonly generation: number
    readonly reason: 'unconfirmed' | 'power-loss' | 'requested'
  } | null
  /** Installed version by package name; `null` is "looked, not installed". */
  readonly packages: ReadonlyMap<string, string | null>
  readonly files: ReadonlyMap<string, ObservedFile>
  /** The boot configuration file of a Pi; its `state` is `absent` on other machines. */
  readonly bootConfig: ObservedFile | null
  readonly services: ReadonlyMap<string, ObservedService>
  readonly containers: ReadonlyMap<string, ObservedContainer>
  /** Local image id by reference; `null` is "looked, not present". */
  readonly images: ReadonlyMap<string, string | null>
  /** By container. Only where it was asked for, and where there is a log that can be read. */
  readonly logs: ReadonlyMap<string, ObservedLog>
  readonly disks: ReadonlyMap<string, ObservedDisk>
}
