/** Has the installed Ansible evaluate templates that are not supported here. */
import { readLiteral } from '@timeball/inventory/python/literal.ts'
import { isValueMap, type Value } from '@timeball/inventory/value.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { runAnsible, type AnsibleSources } from './run-ansible.ts'

/** Values by host and variable. */
export type Evaluated = ReadonlyMap<string, ReadonlyMap<string, Value>>

/**
 * The values of variables by host; `wanted` has their names. Devices that need the same variables are
 * asked for together: starting Ansible takes a second, a host some milliseconds.
 */
export async function evaluateWithAnsible(
  wanted: ReadonlyMap<string, readonly string[]>,
  sources: AnsibleSources,
): Promise<Result<Evaluated, readonly Problem[]>> {
  const batches = Map.groupBy(wanted, ([, names]) => names.toSorted().join(','))
  const evaluated = new Map<string, ReadonlyMap<string, Value>>()
  for (const [list, hosts] of batches) {
    const names = list.split(',')
    const said = await askFor(
      names,
      hosts.map(([host]) => host),
      sources,
    )
    if (!said.ok) return fail([said.failure])
    for (const line of said.value.split('\n')) {
      const [, host, text] = /^(\S+) \| SUCCESS => (.*)$/.exec(line) ?? []
      const values = text === undefined ? null : readMessage(text)
      if (host !== undefined && values !== null) evaluated.set(host, values)
    }
  }
  return ok(evaluated)
}

/** `debug` is done on this machine: no host is contacted. */
function askFor(
  names: readonly string[],
  hosts: readonly string[],
  sources: AnsibleSources,
): Promise<Result<string, Problem>> {
  const members = names.map((name) => `'${name}': ${name}`).join(', ')
  const message = `msg={{ {${members}} }}`
  return runAnsible('ansible', sources, [hosts.join(','), '-o', '-m', 'debug', '-a', message])
}

function readMessage(text: string): ReadonlyMap<string, Value> | null {
  const reading = readLiteral(text, 'json')
  const result = reading.kind === 'value' ? reading.value : undefined
  const message = isValueMap(result) ? result.get('msg') : undefined
  if (!isValueMap(message)) return null
  const entries = [...message].flatMap(([key, value]): [string, Value][] =>
    typeof key === 'string' ? [[key, value]] : [],
  )
  return new Map(entries)
}
