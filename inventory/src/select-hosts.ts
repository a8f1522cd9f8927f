import { nearestFew } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { expandRanges } from './host-ranges.ts'
import type { Inventory } from './inventory.ts'
import { printable } from './yaml/source.ts'
import { globMatcher } from './select/glob.ts'
import { regexMatcher } from './select/regex.ts'
import {
  type Term,
  applySubscript,
  orderTerms,
  parseTerm,
  splitPattern,
  splitSubscript,
} from './select/terms.ts'

/** What a pattern may refer to besides the inventory. */
export interface SelectContext {
  /** The contents of the files of `@path`, by the path in the pattern. */
  readonly files: ReadonlyMap<string, string>
  /** Host names by list name, such as `@failed`; they go before files. */
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** Host names by label and value, for `site=north`. */
  readonly labels: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
}

/** Only the inventory's own names. */
export const noContext: SelectContext = { files: new Map(), lists: new Map(), labels: new Map() }

/** A longer pattern than this is refused. */
const longestPattern = 10_000

/**
 * The hosts that a pattern stands for, in Ansible's order, each once. The grammar is that of
 * Ansible's `--limit`, and `LABEL=VALUE`, `@failed` for a list, `pi-[01:03]` for hosts of a range. A name, glob or file that matches nothing is a problem, and so is a pattern that leaves
 * no host at all: a mistyped target must never look like success.
 */
export function selectHosts(
  inventory: Inventory,
  pattern: string,
  context: SelectContext,
): Result<readonly string[], readonly Problem[]> {
  const problems: Problem[] = []
  if (pattern.length > longestPattern) return fail([problem('the pattern is too long', null)])
  const selection: Selection = { inventory, context, problems }
  const terms = splitPattern(pattern).flatMap((part) => readTerms(selection, part))
  if (terms.length === 0 && problems.length === 0) {
    return fail([problem('the pattern is empty', 'Write a host, a group or all')])
  }
  const hosts = combine(terms, (text) => matchTerm(selection, text))
  if (problems.length > 0) return fail(problems)
  if (hosts.length > 0) return ok(hosts)
  return fail([problem(`no host is left by the pattern "${pattern}"`, null)])
}

/** The names in a pattern's `@name` parts, so that the caller can read these files. */
export function filesOfPattern(pattern: string): readonly string[] {
  const texts = splitPattern(pattern.slice(0, longestPattern)).map((part) => parseTerm(part).text)
  return texts.filter((text) => text.startsWith('@')).map((text) => text.slice(1))
}

interface Selection {
  readonly inventory: Inventory
  readonly context: SelectContext
  readonly problems: Problem[]
}

function combine(terms: readonly Term[], match: (text: string) => Iterable<string>): string[] {
  let hosts = new Set<string>()
  for (const term of orderTerms(terms)) {
    const found = new Set(match(term.text))
    switch (term.kind) {
      case 'add':
        hosts = hosts.union(found)
        break
      case 'keep':
        hosts = new Set([...hosts].filter((host) => found.has(host)))
        break
      case 'remove':
        hosts = hosts.difference(found)
    }
  }
  return [...hosts]
}

/** The lines of `@file` are terms of their own right, as in Ansible; other parts are one term. */
function readTerms(selection: Selection, part: string): Term[] {
  if (!part.startsWith('@')) return [parseTerm(part)]
  return readLines(selection, part.slice(1)).map(parseTerm)
}

function readLines({ context, problems }: Selection, name: string): readonly string[] {
  const list = context.lists.get(name)
  const lines =
    list ??
    context.files
      .get(name)
      ?.split('\n')
      .map((line) => line.trim())
      .filter(isPattern)
  if (lines === undefined) {
    const near = nearestFew(name, context.lists.keys(), 1)[0]
    problems.push(
      problem(
        `there is no file or list "${name}"`,
        near === undefined ? null : `Did you mean @${near}?`,
      ),
    )
    return []
  }
  if (lines.length === 0) problems.push(problem(`@${name} names no host`, null))
  return lines
}

function isPattern(line: string): boolean {
  return line !== '' && !line.startsWith('#')
}

function matchTerm(selection: Selection, text: string): readonly string[] {
  const { inventory } = selection
  if (text.startsWith('@')) {
    const lines = readLines(selection, text.slice(1))
    return lines.length === 0
      ? []
      : combine(lines.map(parseTerm), (line) => matchTerm(selection, line))
  }
  if (inventory.hosts.has(text)) return [text]
  const [, label, value] = /^([A-Za-z]\w*)=(.*)$/.exec(text) ?? []
  if (label !== undefined && value !== undefined) return matchLabel(selection, label, value)
  return matchNames(selection, text)
}

/** A name, glob or regular expression, with a subscript if it has one; else a range of hosts. */
function matchNames(selection: Selection, text: string): readonly string[] {
  const { inventory, problems } = selection
  const { name, subscript } = splitSubscript(text)
  const found = matchName(selection, name)
  if (found === null) return []
  if (found.length === 0) {
    if (isKnownEmpty(inventory, name)) return []
    return matchRange(selection, text)
  }
  const chosen = subscript === null ? found : applySubscript(found, subscript)
  if (chosen !== null && chosen.length > 0) return chosen
  problems.push(
    problem(
      `"${text}" is past the end: "${name}" has ${found.length} hosts`,
      'Positions start at 0',
    ),
  )
  return []
}

function matchLabel({ context, problems }: Selection, label: string, value: string) {
  const values = context.labels.get(label)
  if (values === undefined) {
    const known = [...context.labels.keys()]
    const fix = known.length === 0 ? 'Write a host or a group' : `Known here: ${known.join(', ')}`
    problems.push(problem(`there is no label "${label}"`, fix))
    return []
  }
  const found = values.get(value)
  if (found === undefined) {
    const near = nearestFew(value, values.keys(), 3)
    const known = near.length > 0 ? near : [...values.keys()].slice(0, 10)
    const fix =
      near.length > 0 ? `Did you mean ${near.join(', ')}?` : `Known here: ${known.join(', ')}`
    problems.push(problem(`nothing has ${label}=${value}`, known.length === 0 ? null : fix))
  }
  return found ?? []
}

/** A group without hosts is no mistake of the pattern. */
function isKnownEmpty(inventory: Inventory, name: string): boolean {
  return name === '*' || inventory.groups.has(name)
}

/** Ansible's _enumerate_matches: groups first; hosts too if none, or if the name has wildcards. */
function matchName({ inventory, problems }: Selection, name: string): readonly string[] | null {
  const matcher = matcherOf(name)
  if (!matcher.ok) {
    problems.push(problem(`the regular expression "${name}" ${matcher.failure}`, null))
    return null
  }
  const groups = [...inventory.groups.keys()].filter(matcher.value)
  const found = groups.flatMap((group) => inventory.members.get(group) ?? [])
  if (groups.length === 0 || /^~|[.?*[]/.test(name)) {
    for (const host of inventory.hosts.keys()) if (matcher.value(host)) found.push(host)
  }
  return found
}

function matcherOf(name: string): Result<(text: string) => boolean, string> {
  return name.startsWith('~') ? regexMatcher(name.slice(1)) : ok(globMatcher(name))
}

/** `pi-[01:03]` names hosts as in the inventory: not Ansible's, where it would match nothing. */
function matchRange({ inventory, problems }: Selection, text: string): readonly string[] {
  const expanded = /\[[^[\]]*:/.test(text) ? expandRanges(text) : null
  const names = expanded?.ok === true && expanded.value.length <= 10_000 ? expanded.value : []
  const missing = names.filter((name) => !inventory.hosts.has(name))
  if (names.length > 0 && missing.length < names.length) {
    for (const name of missing.slice(0, 5))
      problems.push(unknown(`no host is named "${name}"`, name, []))
    return names
  }
  const known = [...inventory.hosts.keys(), ...inventory.groups.keys()]
  problems.push(unknown(`no host or group matches "${text}"`, text, known))
  return []
}

function unknown(what: string, name: string, candidates: Iterable<string>): Problem {
  const near = nearestFew(name, candidates, 3)
  return problem(what, near.length === 0 ? null : `Did you mean ${near.join(', ')}?`)
}

function problem(what: string, fix: string | null): Problem {
  return { file: '(command line)', line: null, column: null, what: printable(what), fix }
}
