/** This process and who started it, named so that others can tell. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import type { LeaseOwner } from '../core/rollout/lease.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { Environment } from '../stores/registry.ts'

export function thisProcess(): LeaseOwner {
  return { host: hostname(), pid: process.pid, processStart: startOf(process.pid) ?? '' }
}

/** `ada@ops-1`: whoever became root with sudo is named, not root. */
export function operatorOf(environment: Environment): string {
  return printable(`${environment['SUDO_USER'] ?? userName()}@${hostname()}`, 100)
}

/** An account of a container may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 0}`
  }
}

/** `null`: unknown, as of a process of another host or container, or of a hidden one. */
export function isAlive({ host, pid, processStart }: LeaseOwner): boolean | null {
  if (host !== hostname() || !isOfThisNamespace(processStart)) return null
  if (!exists(pid)) return false
  const start = startOf(pid)
  return start === null ? null : start === processStart
}

/** Signal 0 tests only. EPERM says that there is one, of another user (kill(2)). */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Boot, process namespace and start in ticks since boot (proc(5)); `null` where none is told. */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold blanks and parentheses: fields are counted after its end, from the third.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${namespace()}/${fields[startField - 3]}`
  } catch {
    return null
  }
}

const startField = 22

function namespace(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return `${boot}/${readlinkSync('/proc/self/ns/pid')}`
}

/** After a boot nothing of before runs, whatever its namespace was. */
function isOfThisNamespace(processStart: string): boolean {
  const own = startOf(process.pid)
  if (own === null || processStart === '') return own === null
  const [boot, inner] = processStart.split('/')
  const [ownBoot, ownInner] = own.split('/')
  return boot !== ownBoot || inner === ownInner
}
