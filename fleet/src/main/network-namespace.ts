/**
 * Runs this command again inside a network namespace, as `ip netns exec` would. Network engineers
 * keep management traffic in one (a VRF), and the lab's addresses exist only in its own.
 */
import { readlinkSync, statSync } from 'node:fs'
import type { Environment } from '../stores/registry.ts'
import type { Problem } from '@timeball/lib/problem.ts'

export interface NamespaceRequest {
  /** Where the namespace is named. */
  readonly file: string
  readonly environment: Environment
  /** The same words are run again, and mean the same only where they were given. */
  readonly beforeRun: () => void
}

/** Does not return when the process is replaced. `null`: we are inside already. */
export function enterNetworkNamespace(name: string, request: NamespaceRequest): Problem | null {
  const { file, environment } = request
  const path = `/run/netns/${name}`
  const wanted = inode(path)
  if (wanted === null) {
    return problem(file, `there is no network namespace ${name}`, `see: ip netns list`)
  }
  if (readlinkSync('/proc/self/ns/net') === `net:[${wanted}]`) return null
  if (process.getuid?.() !== 0) {
    return problem(file, `only root can enter the network namespace ${name}`, 'run with sudo')
  }
  const command = ['nsenter', `--net=${path}`, process.execPath, ...process.argv.slice(1)]
  request.beforeRun()
  process.execve?.('/usr/bin/nsenter', command, defined(environment))
  return problem(file, `this system cannot enter the network namespace ${name}`, 'use Linux')
}

function defined(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment)
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function inode(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null
}

function problem(file: string, what: string, fix: string): Problem {
  return { file, line: null, column: null, what: `network.namespace: ${what}`, fix }
}
