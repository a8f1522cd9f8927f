import { nearest } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { type Inventory, groupNames, variablesOf } from './inventory.ts'
import { type TemplatePart, isTemplate, parseTemplate } from './template.ts'
import { pythonText } from './python/format.ts'
import {
  type Key,
  type Position,
  type Value,
  type Variables,
  isEncrypted,
  isTagged,
  isValueList,
  isValueMap,
  itemsOf,
  pythonMap,
  textOf,
} from './value.ts'
import { collectProblems } from './yaml/source.ts'

/**
 * The host's variables with their `{{ name }}` references resolved, Ansible's magic variables
 * (inventory_hostname, inventory_hostname_short, inventory_dir, inventory_file, group_names,
 * groups) among them.
 *
 * With `only`, just these variables are resolved, and only their mistakes count: as in Ansible, a
 * template that nobody uses may be anything. A name of `only` that the host lacks is left out.
 * Encrypted values stay encrypted. An unknown host has no variables at all.
 */
export function resolveVars(
  inventory: Inventory,
  host: string,
  only: readonly string[] | null = null,
): Result<ReadonlyMap<string, Value>, readonly Problem[]> {
  const scope = openScope(inventory, host)
  const resolved = new Map<string, Value>()
  for (const name of only ?? scope.variables.keys()) {
    if (typeof name !== 'string') continue
    const value = resolveVariable(scope, name)
    if (value !== undefined) resolved.set(name, value)
  }
  return scope.problems.list.length > 0 ? fail(scope.problems.list) : ok(resolved)
}

interface Scope {
  readonly host: string
  readonly variables: Variables
  readonly problems: ReturnType<typeof collectProblems>
  readonly done: Map<string, Value | undefined>
  /** The variables that are being resolved, to see one that needs itself. */
  readonly open: string[]
  /** Characters made by templates so far. */
  made: number
}

/** Templates that double each other make texts of any size; a fleet's are short. */
const mostCharacters = 1_000_000

function openScope(inventory: Inventory, host: string): Scope {
  const variables = new Map(variablesOf(inventory, host))
  const at = { file: inventory.path, line: 1, column: 1 }
  if (inventory.hosts.has(host)) {
    for (const [name, value] of magicVariables(inventory, host)) {
      variables.set(name, { value, at, isSecret: false })
    }
  }
  return { host, variables, problems: collectProblems(), done: new Map(), open: [], made: 0 }
}

function magicVariables(inventory: Inventory, host: string): readonly (readonly [string, Value])[] {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':')
  const source = inventory.hosts.get(host)?.source ?? ''
  return [
    ['inventory_hostname', host],
    ['inventory_hostname_short', isAddress ? host : (host.split('.')[0] ?? host)],
    ['inventory_file', source],
    ['inventory_dir', source.slice(0, source.lastIndexOf('/'))],
    ['playbook_dir', inventory.playbookDirectory],
    ['group_names', groupNames(inventory, host)],
    ['groups', inventory.groupsVariable],
  ]
}

/** `undefined`: there is no such variable, or it has a problem. */
function resolveVariable(scope: Scope, name: string): Value | undefined {
  if (scope.done.has(name)) return scope.done.get(name)
  const variable = scope.variables.get(name)
  if (variable === undefined) return undefined
  const start = scope.open.indexOf(name)
  if (start >= 0 || scope.open.length > 50) {
    const way = [...scope.open.slice(Math.max(start, 0)), name].slice(0, 8).join(' -> ')
    scope.problems.add(
      variable.at,
      `the variable "${name}" of ${scope.host} needs itself: ${way}`,
      'Break the circle',
    )
    return undefined
  }
  scope.open.push(name)
  // `groups` is the same for all hosts and large; it holds no templates.
  const value =
    name === 'groups' ? variable.value : resolveValue(scope, variable.value, variable.at)
  scope.open.pop()
  scope.done.set(name, value)
  return value
}

function resolveValue(scope: Scope, value: Value, at: Position): Value | undefined {
  if (typeof value === 'string') return isTemplate(value) ? resolveText(scope, value, at) : value
  if (isEncrypted(value)) return value
  const literal = textOf(value)
  if (literal !== null) return literal
  const items = itemsOf(value)
  if (items !== null) {
    return items.flatMap((item) => {
      const resolved = resolveValue(scope, item, at)
      return resolved === undefined ? [] : [resolved]
    })
  }
  if (!isValueMap(value)) return value
  const entries: (readonly [Key, Value])[] = []
  for (const [key, item] of value) {
    const resolved = resolveValue(scope, item, at)
    if (resolved !== undefined) entries.push([key, resolved])
  }
  return pythonMap(entries)
}

function resolveText(scope: Scope, text: string, at: Position): Value | undefined {
  const template = parseTemplate(text)
  if (!template.ok) {
    scope.problems.add(at, template.failure, 'Write the value out, or use another variable')
    return undefined
  }
  const [first, second] = template.value
  if (first?.kind === 'path' && second === undefined) return lookUp(scope, first.path, at)
  let made = ''
  for (const part of template.value) {
    const piece = part.kind === 'text' ? part.text : lookUpText(scope, part, at)
    if (piece === undefined) return undefined
    made += piece
  }
  scope.made += made.length
  if (scope.made > mostCharacters) {
    scope.problems.add(at, 'the templates of this host make too much text', 'Use fewer references')
    return undefined
  }
  return readResult(scope, made, at)
}

/** Ansible evaluates a result that looks like a Python literal (template/native_helpers.py). */
function readResult(scope: Scope, text: string, at: Position): Value | undefined {
  if (text === 'True' || text === 'False') return text === 'True'
  const isBracketedAddress = /^\[[0-9A-Fa-f.%]*:[0-9A-Fa-f:.%]*\]/.test(text)
  if (!/^[[{]/.test(text) || isBracketedAddress) return text
  scope.problems.add(
    at,
    'a template makes a text that Ansible would read as a list or mapping',
    'Write the value out',
  )
  return undefined
}

function lookUpText(
  scope: Scope,
  part: TemplatePart & { kind: 'path' },
  at: Position,
): string | undefined {
  const value = lookUp(scope, part.path, at)
  if (value === undefined) return undefined
  if (value === null) return ''
  if (!isValueList(value) && !isValueMap(value) && !isTagged(value)) return pythonText(value)
  if (isTagged(value) && (value.kind === 'date' || value.kind === 'datetime'))
    return pythonText(value)
  const what = `{{ ${part.path.join('.')} }} is a list, a mapping or encrypted and cannot become part of a text`
  scope.problems.add(at, what, 'Use it as the whole value')
  return undefined
}

/** Methods of Python's dict and str, which a dotted path would reach instead of a key. */
const methods = new Set([
  'keys',
  'values',
  'items',
  'get',
  'copy',
  'pop',
  'popitem',
  'update',
  'clear',
  'setdefault',
  'fromkeys',
])

function lookUp(scope: Scope, path: readonly string[], at: Position): Value | undefined {
  const [name = '', ...rest] = path
  if (!scope.variables.has(name)) {
    const near = nearest(name, textsOf(scope.variables.keys()))
    const fix =
      near === null
        ? 'Define it in the inventory, group_vars or host_vars'
        : `Did you mean ${near}?`
    scope.problems.add(at, `the variable "${name}" is not defined for ${scope.host}`, fix)
    return undefined
  }
  let value = resolveVariable(scope, name)
  for (const [index, key] of rest.entries()) {
    if (value === undefined) return undefined
    const inner: Value | undefined = memberOf(value, key)
    if (inner === undefined) {
      const owner = [name, ...rest.slice(0, index)].join('.')
      scope.problems.add(at, `"${owner}" has no member "${key}" for ${scope.host}`, null)
    }
    value = inner
  }
  return value
}

function memberOf(value: Value, key: string): Value | undefined {
  if (isValueList(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined
  return isValueMap(value) && !methods.has(key) ? value.get(key) : undefined
}

function textsOf(keys: Iterable<Key>): string[] {
  return [...keys].filter((key) => typeof key === 'string')
}
