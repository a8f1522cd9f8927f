/** What is wrong with an embedded device on purpose. Tests change the fields while it runs. */
export interface DeviceFaults {
  /** Connections are taken and reset before the server has said anything. */
  resetConnections: boolean
  /** The server says which SSH it speaks, and then nothing more. */
  hangAfterBanner: boolean
  /** The connection is cut when a command was sent this many bytes; `null` is never. */
  cutAfterStdinBytes: number | null
  /** The connection is cut when a command has written this many bytes; `null` is never. */
  cutAfterStdoutBytes: number | null
  /** `df` reports a full disk. */
  diskFull: boolean
  /** Another apt holds the lock of dpkg. */
  aptBusy: boolean
  /** An installation was cut short. */
  dpkgCut: boolean
}

/** A device with nothing wrong. */
export function noFaults(): DeviceFaults {
  return {
    resetConnections: false,
    hangAfterBanner: false,
    cutAfterStdinBytes: null,
    cutAfterStdoutBytes: null,
    diskFull: false,
    aptBusy: false,
    dpkgCut: false,
  }
}
