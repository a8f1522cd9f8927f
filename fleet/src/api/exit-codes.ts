/** What the exit code of a command means. Scripts rely on it: they are listed in `timeball --help`. */
export const exitCodes = {
  done: 0,
  failed: 1,
  differences: 2,
  devicesFailed: 3,
  unauthorised: 4,
  unhealthy: 5,
  conflict: 6,
  declined: 7,
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
