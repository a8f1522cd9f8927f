/** What the container of a device may do and have; docs/device-contract.md tells it to others. */

/** ntpd binds port 123 and changes to its own user. Who steers the clock needs `SYS_TIME` as well. */
export const usualCapabilities = [
  'NET_BIND_SERVICE',
  'SETGID',
  'SETUID',
  'SYS_NICE',
  'CHOWN',
  'DAC_OVERRIDE',
  'KILL',
] as const

/**
 * Nearly three times what the reference has at rest. A Pi whose kernel runs without the memory
 * controller knows no such limit: Docker warns of it and starts the container.
 */
export const memoryLimit = '256m'

/** Threads count: the reference has 17 of both, 11 of them Node's. */
export const processLimit = 100

/** Folders in memory: the root is read-only. */
export const writableFolders = ['/run/time-server:mode=0755,size=1m', '/tmp:size=4m'] as const

/** Kept over restarts, in a volume. */
export const stateFolder = '/var/lib/ntpsec'

/** How long a container may take to end by itself; then Docker kills it. */
export const endSeconds = 10
