import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { connectionRules } from './check-connections.ts'
import { type Inventory, positionOf } from './inventory.ts'
import { readPort } from './names.ts'
import { resolveVars } from './resolve-vars.ts'
import { splitWords } from './python/words.ts'
import { type Value, isEncrypted } from './value.ts'
import { collectProblems } from './yaml/source.ts'

/** How the inventory says that a host is reached; `null` is "it does not say". */
export interface Connection {
  /** `ansible_host`, else the inventory name. */
  readonly address: string
  readonly port: number | null
  readonly user: string | null
  readonly privateKeyFile: string | null
  /** `ansible_ssh_common_args`, split into words. */
  readonly commonArgs: readonly string[]
}

/** Reads the connection variables of a host; of two spellings the one that Ansible reads last wins. */
export function connectionOf(
  inventory: Inventory,
  host: string,
): Result<Connection, readonly Problem[]> {
  const resolved = resolveVars(inventory, host, [...connectionRules.keys()])
  if (!resolved.ok) return resolved
  const problems = collectProblems()
  const at = (name: string) =>
    positionOf(inventory, host, name) ?? { file: inventory.path, line: 1, column: 1 }
  for (const [name, value] of resolved.value) {
    const mistake = isEncrypted(value)
      ? { what: 'is encrypted, which is not supported here', fix: 'Write it in clear text' }
      : connectionRules.get(name)?.(value)
    if (mistake) problems.add(at(name), `${name} ${mistake.what}`, mistake.fix)
  }
  if (problems.list.length > 0) return fail(problems.list)

  const first = (...names: readonly string[]) => {
    const found = names.find((name) => resolved.value.has(name))
    return found === undefined ? undefined : resolved.value.get(found)
  }
  return ok({
    address: text(first('ansible_ssh_host', 'ansible_host')) ?? host,
    port: readPort(first('ansible_ssh_port', 'ansible_port')),
    user: text(first('ansible_ssh_user', 'ansible_user')),
    privateKeyFile: text(first('ansible_ssh_private_key_file', 'ansible_private_key_file')),
    commonArgs: splitWords(
      text(resolved.value.get('ansible_ssh_common_args')) ?? '',
      'no-comments',
    ).words.map((word) => word.text),
  })
}

function text(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null
}
