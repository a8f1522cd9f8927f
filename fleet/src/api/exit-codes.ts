/** What the exit code of a command means. Scripts rely on it: `timeball help exit-codes` lists them. */
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
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** In the words of `timeball help exit-codes`. */
export const exitMeanings: ReadonlyMap<ExitCode, string> = new Map([
  [exitCodes.done, 'done; also "nothing to change" and an empty list'],
  [exitCodes.failed, 'failed for a reason not below; also when the output could not be written'],
  [exitCodes.differences, 'only with --detailed-exitcode or --check: there are differences'],
  [exitCodes.devicesFailed, 'some devices failed or were not reached; again: --limit @failed'],
  [exitCodes.unauthorised, 'not allowed'],
  [
    exitCodes.unhealthy,
    'a device does not serve good time, a rollout was aborted or rolled back, or an image breaks the device contract',
  ],
  [exitCodes.conflict, 'the fleet is being changed, the plan is stale, or the release is blocked'],
  [exitCodes.declined, 'declined at the question'],
  [exitCodes.usage, 'bad usage or bad input; nothing was changed'],
  [exitCodes.hungUp, 'the terminal went away (SIGHUP)'],
  [exitCodes.interrupted, 'interrupted (SIGINT, Ctrl-C)'],
  [exitCodes.terminated, 'terminated (SIGTERM)'],
])
