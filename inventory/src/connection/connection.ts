import type { Problem } from '@timeball/lib/problem.ts'
import type { Inventory } from '../inventory.ts'
import { readPort } from '../names.ts'
import { splitWords } from '../python/words.ts'
import { type ResolveOptions, type Resolved, noOptions, resolveVars } from '../resolve-vars.ts'
import type { Position, Value } from '../value.ts'
import { type Problems, collectProblems } from '../yaml/source.ts'
import { connectionRules } from './rules.ts'
import { readSshArguments } from './ssh-arguments.ts'

/** How the inventory says that a host is reached; `null` is "it does not say". */
export interface Connection {
  /** `ansible_host`, else the inventory name. */
  readonly address: string
  readonly port: number | null
  readonly user: string | null
  readonly privateKeyFile: string | null
  /** Of ssh_args, ssh_common_args and ssh_extra_args, in this order. */
  readonly sshArguments: readonly string[]
  /** What ssh runs on this machine, such as `ProxyCommand=…`. */
  readonly programs: readonly Placed[]
  /** Files of `ssh -F`. */
  readonly configFiles: readonly Placed[]
  /** Arguments that have no effect, because they would weaken the connection. */
  readonly dropped: readonly Placed[]
}

export interface Placed {
  readonly text: string
  readonly at: Position
}

export interface ReadConnection {
  readonly connection: Connection
  readonly problems: readonly Problem[]
  /** Variables that only Ansible can evaluate. */
  readonly unsupported: ReadonlyMap<string, Problem>
}

/** Reads the connection of a host; of two spellings the one that Ansible reads last wins. */
export function connectionOf(
  inventory: Inventory,
  host: string,
  options: ResolveOptions = noOptions,
): ReadConnection {
  const resolved = resolveVars(inventory, host, connectionRules.keys(), options)
  const problems = collectProblems()
  problems.addAll(resolved.problems)
  const sound = new Map<string, Resolved>()
  for (const [name, found] of resolved.values) {
    const show = (text: string): string => (found.isSecret ? 'it is secret' : `"${text}"`)
    const mistake = connectionRules.get(name)?.(found.value, show) ?? null
    if (mistake === null) sound.set(name, found)
    else problems.add(found.at, `${name} ${mistake.what}`, mistake.fix)
  }
  const first = (...names: readonly string[]): Value | undefined =>
    names.map((name) => sound.get(name)?.value).find((value) => value !== undefined)
  const ssh = readArguments(sound, problems)
  return {
    connection: {
      address: text(first('ansible_ssh_host', 'ansible_host')) ?? host,
      port: readPort(first('ansible_ssh_port', 'ansible_port')),
      user: text(first('ansible_ssh_user', 'ansible_user')),
      privateKeyFile: text(first('ansible_ssh_private_key_file', 'ansible_private_key_file')),
      ...ssh,
    },
    problems: problems.list,
    unsupported: resolved.unsupported,
  }
}

type SshParts = Pick<Connection, 'sshArguments' | 'programs' | 'configFiles' | 'dropped'>

/** ssh takes the first of two values, so the order is Ansible's. */
function readArguments(variables: ReadonlyMap<string, Resolved>, problems: Problems): SshParts {
  const parts = { sshArguments: [], programs: [], configFiles: [], dropped: [] }
  const found: { [Key in keyof SshParts]: SshParts[Key][number][] } = parts
  for (const name of ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args']) {
    const variable = variables.get(name)
    const written = text(variable?.value)
    if (variable === undefined || written === null) continue
    const { at } = variable
    const words = splitWords(written, 'no-comments').words.map((word) => word.text)
    const read = readSshArguments(words)
    if (!read.ok) problems.add(at, `${name} ${read.failure.what}`, read.failure.fix)
    else {
      const placed = (texts: readonly string[]): Placed[] => texts.map((text) => ({ text, at }))
      found.sshArguments.push(...read.value.words)
      found.programs.push(...placed(read.value.programs))
      found.configFiles.push(...placed(read.value.configFiles))
      found.dropped.push(...placed(read.value.dropped))
    }
  }
  return found
}

function text(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null
}
