/** A host's variables with their templates evaluated. */
import { nearest } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { type Decrypt, noPassword } from './encrypted-text.ts'
import { type Inventory, groupNames, variablesOf } from './inventory.ts'
import { type Template, parseTemplate, render, singleName } from './jinja/render.ts'
import {
  type Operand,
  type Outcome,
  type Surroundings,
  deepValueOf,
  each,
  isSpecial,
} from './jinja/operand.ts'
import { type Place, type Trouble, mistaken, unsupported } from './jinja/trouble.ts'
import {
  type Position,
  type Value,
  type Variables,
  isTagged,
  isValueMap,
  itemsOf,
} from './value.ts'
import { printable } from './yaml/source.ts'

export interface ResolveOptions {
  /** For `lookup('env', …)`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly decrypt: Decrypt
  /** What Ansible itself made of a variable that is not supported here. */
  readonly known: (host: string, variable: string) => Value | undefined
}

export const noOptions: ResolveOptions = {
  environment: {},
  decrypt: noPassword,
  known: () => undefined,
}

export interface Resolved {
  readonly value: Value
  readonly at: Position
  /** It was encrypted, or made of something that was. */
  readonly isSecret: boolean
}

export interface Resolution {
  readonly values: ReadonlyMap<string, Resolved>
  readonly problems: readonly Problem[]
  /** Variables with a template that only Ansible can evaluate, and why. */
  readonly unsupported: ReadonlyMap<string, Problem>
}

/**
 * The host's variables of these names, with Ansible's magic variables for templates; a name that the
 * host lacks is left out. As in Ansible, a template that nobody uses may be anything. An unknown
 * host has no variables at all.
 */
export function resolveVars(
  inventory: Inventory,
  host: string,
  names: Iterable<string>,
  options: ResolveOptions = noOptions,
): Resolution {
  const run: Run = { inventory, options, scopes: new Map(), open: [], made: 0, secrets: 0 }
  const values = new Map<string, Resolved>()
  const problems: Problem[] = []
  const waiting = new Map<string, Problem>()
  const { variables } = scopeOf(run, host)
  for (const name of names) {
    const written = variables.get(name)
    if (written === undefined) continue
    const { at } = written
    const known = options.known(host, name)
    if (known !== undefined) values.set(name, { value: known, at, isSecret: written.isSecret })
    else {
      const found = resolveOne(run, host, name)
      if (found.ok) values.set(name, { ...found.value, at })
      else if (found.failure.kind === 'unsupported') waiting.set(name, asProblem(found.failure, at))
      else problems.push(asProblem(found.failure, at))
    }
  }
  return { values, problems, unsupported: waiting }
}

function resolveOne(run: Run, host: string, name: string): Outcome<Omit<Resolved, 'at'>> {
  const around = surroundingsOf(run, host)
  const secrets = run.secrets
  const operand = resolveVariable(run, host, name) ?? fail(mistaken('is not there'))
  const value = operand.ok ? deepValueOf(operand.value, around) : operand
  return value.ok ? ok({ value: value.value, isSecret: run.secrets > secrets }) : value
}

function asProblem({ what, fix, place }: Trouble, at: Position): Problem {
  const of = place === null ? '' : `the template of "${place.variable}" `
  return { ...(place?.at ?? at), what: printable(of + what), fix }
}

/** One resolution: the hosts that it looks at, and what it has made so far. */
interface Run {
  readonly inventory: Inventory
  readonly options: ResolveOptions
  readonly scopes: Map<string, Scope>
  /** The variables that are being resolved, to see one that needs itself. */
  readonly open: string[]
  /** Characters made by templates. */
  made: number
  /** Uses of what was encrypted. */
  secrets: number
}

interface Scope {
  readonly variables: Variables
  readonly done: Map<string, { readonly outcome: Outcome; readonly secrets: number }>
}

/** Templates that double each other make texts of any size; a fleet's are short. */
const mostCharacters = 1_000_000
const mostOpen = 50

function scopeOf(run: Run, host: string): Scope {
  const known = run.scopes.get(host)
  if (known !== undefined) return known
  const variables = new Map(variablesOf(run.inventory, host))
  const at = { file: run.inventory.path, line: 1, column: 1 }
  if (run.inventory.hosts.has(host)) {
    for (const [name, value] of magicVariables(run.inventory, host)) {
      variables.set(name, { value, at, isSecret: false })
    }
  }
  const scope: Scope = { variables, done: new Map() }
  run.scopes.set(host, scope)
  return scope
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

/** `null`: there is no such variable. */
function resolveVariable(run: Run, host: string, name: string): Outcome | null {
  const { variables, done } = scopeOf(run, host)
  const before = done.get(name)
  if (before !== undefined) {
    run.secrets += before.secrets
    return before.outcome
  }
  const variable = variables.get(name)
  if (variable === undefined) return null
  const place: Place = { variable: name, at: variable.at }
  const key = `${host}\0${name}`
  const start = run.open.indexOf(key)
  if (start >= 0 || run.open.length > mostOpen) return fail({ ...circle(run, start, name), place })
  const secrets = run.secrets
  if (variable.isSecret) run.secrets++
  run.open.push(key)
  // `groups` is the same for all hosts and large; it holds no templates.
  const outcome = name === 'groups' ? ok(variable.value) : resolveValue(run, host, variable.value)
  run.open.pop()
  const placed = outcome.ok
    ? outcome
    : fail({ ...outcome.failure, place: outcome.failure.place ?? place })
  done.set(name, { outcome: placed, secrets: run.secrets - secrets })
  return placed
}

function circle(run: Run, start: number, name: string): Trouble {
  const names = run.open.slice(Math.max(start, 0)).map((key) => key.split('\0')[1] ?? '')
  const way = [...names, name].slice(0, 8).join(' -> ')
  return mistaken(`needs itself: ${way}`, 'Break the circle')
}

/** Lists and mappings are evaluated as a whole: one part that fails is missing everywhere. */
function resolveValue(run: Run, host: string, value: Value): Outcome {
  if (typeof value === 'string') return resolveText(run, host, value)
  const items = itemsOf(value)
  if (items !== null) {
    const made = each(items, (item) => resolveInner(run, host, item))
    return made.ok && isTagged(value) ? ok({ kind: 'tuple', items: made.value }) : made
  }
  if (!isValueMap(value)) return ok(value)
  const made = each(value.values(), (item) => resolveInner(run, host, item))
  if (!made.ok) return made
  return ok(new Map([...value.keys()].map((key, index) => [key, made.value[index] ?? null])))
}

function resolveInner(run: Run, host: string, value: Value): Outcome<Value> {
  const found = resolveValue(run, host, value)
  if (!found.ok) return found
  if (!isSpecial(found.value)) return ok(found.value)
  return found.value.kind === 'native-text'
    ? ok(found.value.text)
    : deepValueOf(found.value, surroundingsOf(run, host))
}

function resolveText(run: Run, host: string, text: string): Outcome {
  const template = templateOf(run.inventory, text)
  if (template === null) return ok(text)
  if (!template.ok) return template
  // A number or truth value that stands alone keeps its kind (SINGLE_VAR in Templar.template).
  const name = singleName(text)
  const raw = name === null ? undefined : scopeOf(run, host).variables.get(name)?.value
  if (raw !== undefined && isPrimitive(raw)) return ok(raw)
  return render(template.value, text, surroundingsOf(run, host))
}

function isPrimitive(value: Value): boolean {
  return value === null || (typeof value !== 'string' && typeof value !== 'object')
}

/** Thousands of hosts share their templates. */
const parsed = new WeakMap<Inventory, Map<string, Template>>()

function templateOf(inventory: Inventory, text: string): Template {
  const known = parsed.get(inventory) ?? new Map<string, Template>()
  parsed.set(inventory, known)
  const before = known.get(text)
  if (before !== undefined) return before
  const template = parseTemplate(text)
  known.set(text, template)
  return template
}

function surroundingsOf(run: Run, host: string): Surroundings {
  const { inventory, options } = run
  return {
    variable: (name) => lenient(resolveVariable(run, host, name)),
    variableOf: (other, name) => lenient(resolveVariable(run, other, name)),
    hasHost: (name) => inventory.hosts.has(name),
    suggest: (name) => {
      const names = [...scopeOf(run, host).variables.keys()]
      return nearest(
        name,
        names.filter((each) => typeof each === 'string'),
      )
    },
    environment: (name) => options.environment[name],
    decrypt(text) {
      const clear = options.decrypt(text)
      run.secrets++
      return clear.ok ? clear : fail(mistaken(clear.failure, 'Give --vault-password-file'))
    },
    spend(characters) {
      run.made += characters
      return run.made > mostCharacters ? unsupported('makes more than a million characters') : null
    },
  }
}

/** A variable whose template misses something is missing itself, until it is used. */
function lenient(outcome: Outcome | null): Outcome | null {
  if (outcome === null || outcome.ok || outcome.failure.kind !== 'undefined') return outcome
  const absent: Operand = { ...outcome.failure, kind: 'missing' }
  return ok(absent)
}
