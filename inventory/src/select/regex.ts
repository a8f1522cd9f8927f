/**
 * The regular expressions of `~pattern`, matched from the start of a name as Python's `re.match`
 * does. A pattern may come from the network (the API's filter), so matching takes at most pattern
 * times text steps: all ways are followed at once and nothing is tried again (Thompson, 1968).
 * Groups only group; look-around, back-references and inline flags are refused.
 */
import { type Result, fail, ok } from '@timeball/lib/result.ts'

type Test = (character: string) => boolean

/** A state of the machine; numbers are the states that follow. */
type State =
  | { readonly kind: 'test'; readonly test: Test; readonly next: number }
  | { readonly kind: 'either'; readonly next: number; readonly other: number }
  | { readonly kind: 'start'; readonly next: number }
  | { readonly kind: 'end'; readonly next: number }
  | { readonly kind: 'match' }

type Tree =
  | { readonly kind: 'test'; readonly test: Test }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly least: number; readonly most: number }

const longestPattern = 200
const mostStates = 5000

/** The number of the state that means success. */
const matched = 0

/** A test of names, or what is wrong with or not supported in the pattern. */
export function regexMatcher(pattern: string): Result<(text: string) => boolean, string> {
  if (pattern.length > longestPattern) return fail(`is longer than ${longestPattern} characters`)
  const source: Source = { characters: Array.from(pattern), at: 0, mistake: null }
  const tree = parseChoice(source, 0)
  if (source.mistake === null && source.at < source.characters.length)
    source.mistake = 'has a ) too many'
  if (source.mistake !== null) return fail(source.mistake)
  const states: State[] = [{ kind: 'match' }]
  const first = compile(states, tree, matched)
  if (first === null) return fail('repeats too much')
  return ok((text) => run(states, first, Array.from(text)))
}

interface Source {
  readonly characters: readonly string[]
  at: number
  mistake: string | null
}

function parseChoice(source: Source, depth: number): Tree {
  const parts = [parseSequence(source, depth)]
  while (source.characters[source.at] === '|') {
    source.at++
    parts.push(parseSequence(source, depth))
  }
  return { kind: 'choice', parts }
}

function parseSequence(source: Source, depth: number): Tree {
  const parts: Tree[] = []
  for (;;) {
    const next = source.characters[source.at]
    if (next === undefined || next === '|' || next === ')' || source.mistake !== null) break
    parts.push(parseRepeat(source, parseAtom(source, depth)))
  }
  return { kind: 'sequence', parts }
}

function parseAtom(source: Source, depth: number): Tree {
  const character = source.characters[source.at++] ?? ''
  switch (character) {
    case '(':
      return parseGroup(source, depth)
    case '[':
      return { kind: 'test', test: parseClass(source) }
    case '.':
      return { kind: 'test', test: (other) => other !== '\n' }
    case '^':
      return { kind: 'start' }
    case '$':
      return { kind: 'end' }
    case '\\':
      return parseEscape(source)
    case '*':
    case '+':
    case '?':
      source.mistake = `has nothing to repeat before ${character}`
      return { kind: 'start' }
    default:
      return { kind: 'test', test: (other) => other === character }
  }
}

function parseGroup(source: Source, depth: number): Tree {
  if (depth > 20) source.mistake = 'is nested too deep'
  const rest = source.characters.slice(source.at, source.at + longestPattern).join('')
  const opening = /^\?(?::|P<[A-Za-z_]\w*>)/.exec(rest)
  if (opening !== null) source.at += opening[0].length
  else if (rest.startsWith('?')) source.mistake = 'uses (?, which is not supported'
  const inner =
    source.mistake === null ? parseChoice(source, depth + 1) : { kind: 'start' as const }
  if (source.characters[source.at] === ')') source.at++
  else source.mistake ??= 'has a ( that is not closed'
  return inner
}

const digit: Test = (character) => /\p{Nd}/u.test(character)
const word: Test = (character) => /[\p{L}\p{N}_]/u.test(character)
const blank: Test = (character) => /\s/.test(character)

const classes = new Map<string, Test>([
  ['d', digit],
  ['w', word],
  ['s', blank],
  ['D', (character) => !digit(character)],
  ['W', (character) => !word(character)],
  ['S', (character) => !blank(character)],
])

function parseEscape(source: Source): Tree {
  const character = source.characters[source.at++]
  if (character === 'A') return { kind: 'start' }
  if (character === 'Z') return { kind: 'end' }
  return { kind: 'test', test: escapeTest(source, character) }
}

function escapeTest(source: Source, character: string | undefined): Test {
  const known = character === undefined ? undefined : classes.get(character)
  if (known !== undefined) return known
  if (character === undefined) source.mistake = 'ends with a backslash'
  else if (/[A-Za-z0-9]/.test(character))
    source.mistake = `uses \\${character}, which is not supported`
  return (other) => other === character
}

function parseClass(source: Source): Test {
  const tests: Test[] = []
  const isNegated = source.characters[source.at] === '^'
  if (isNegated) source.at++
  for (let isFirst = true; ; isFirst = false) {
    const low = source.characters[source.at++]
    if (low === undefined) {
      source.mistake = 'has a [ that is not closed'
      break
    }
    if (low === ']' && !isFirst) break
    tests.push(
      low === '\\' ? escapeTest(source, source.characters[source.at++]) : parseMember(source, low),
    )
  }
  return (character) => tests.some((test) => test(character)) !== isNegated
}

function parseMember(source: Source, low: string): Test {
  const high = source.characters[source.at + 1]
  if (source.characters[source.at] !== '-' || high === undefined || high === ']') {
    return (character) => character === low
  }
  source.at += 2
  if (high === '\\' || high < low) source.mistake = `has the bad range ${low}-${high}`
  return (character) => low <= character && character <= high
}

function parseRepeat(source: Source, part: Tree): Tree {
  const bounds = parseBounds(source)
  if (bounds === null) return part
  // Greedy or lazy makes no difference to whether a name matches.
  if (source.characters[source.at] === '?') source.at++
  else if (/[*+]/.test(source.characters[source.at] ?? '')) source.mistake = 'repeats a repetition'
  return { kind: 'repeat', part, ...bounds }
}

interface Bounds {
  readonly least: number
  readonly most: number
}

function parseBounds(source: Source): Bounds | null {
  const simple = simpleBounds.get(source.characters[source.at] ?? '')
  if (simple !== undefined) {
    source.at++
    return simple
  }
  const ahead = source.characters.slice(source.at, source.at + 12).join('')
  const [braces, least = '', most = least] = /^\{(\d*)(?:,(\d*))?\}/.exec(ahead) ?? []
  if (braces === undefined || braces === '{}') return null
  source.at += braces.length
  const bounds = { least: Number(least), most: most === '' ? Infinity : Number(most) }
  const isSound = bounds.least <= bounds.most && bounds.least <= mostRepeats
  if (!isSound) source.mistake = `has the bad repetition ${braces}`
  if (bounds.most !== Infinity) bounds.most = Math.min(bounds.most, mostRepeats)
  return bounds
}

/** Names are no longer than this, so more repetitions than this are as good as any number. */
const mostRepeats = 300

const simpleBounds: ReadonlyMap<string, Bounds> = new Map([
  ['*', { least: 0, most: Infinity }],
  ['+', { least: 1, most: Infinity }],
  ['?', { least: 0, most: 1 }],
])

/** Adds the states of a tree that lead to `next`; gives the first, `null` when there are too many. */
function compile(states: State[], tree: Tree, next: number): number | null {
  if (states.length > mostStates) return null
  switch (tree.kind) {
    case 'test':
      return states.push({ kind: 'test', test: tree.test, next }) - 1
    case 'start':
    case 'end':
      return states.push({ kind: tree.kind, next }) - 1
    case 'sequence':
      return tree.parts.reduceRight<number | null>(
        (after, part) => (after === null ? null : compile(states, part, after)),
        next,
      )
    case 'choice':
      return tree.parts.reduceRight<number | null>((other, part) => {
        const first = compile(states, part, next)
        if (first === null || other === -1) return first
        return other === null ? null : states.push({ kind: 'either', next: first, other }) - 1
      }, -1)
    case 'repeat':
      return compileRepeat(states, tree, next)
  }
}

function compileRepeat(
  states: State[],
  tree: Tree & { kind: 'repeat' },
  next: number,
): number | null {
  let after: number | null = next
  if (tree.most === Infinity) {
    const loop = states.push({ kind: 'match' }) - 1
    const inner = compile(states, tree.part, loop)
    if (inner === null) return null
    states[loop] = { kind: 'either', next: inner, other: next }
    after = loop
  } else {
    for (let i = tree.least; i < tree.most && after !== null; i++) {
      const inner = compile(states, tree.part, after)
      after = inner === null ? null : states.push({ kind: 'either', next: inner, other: next }) - 1
    }
  }
  for (let i = 0; i < tree.least && after !== null; i++) after = compile(states, tree.part, after)
  return after
}

function run(states: readonly State[], first: number, text: readonly string[]): boolean {
  let current = new Set([first])
  for (let at = 0; at <= text.length; at++) {
    const place = { isStart: at === 0, character: text[at] ?? null }
    for (const index of current)
      for (const next of freeSteps(states[index], place)) current.add(next)
    if (current.has(matched)) return true
    current = new Set([...current].flatMap((index) => step(states[index], place.character)))
  }
  return false
}

/** The states after a character. */
function step(state: State | undefined, character: string | null): readonly number[] {
  const isTaken = state?.kind === 'test' && character !== null && state.test(character)
  return isTaken ? [state.next] : []
}

/** The states that are reached without taking a character; `null` is the end of the text. */
function freeSteps(
  state: State | undefined,
  place: { readonly isStart: boolean; readonly character: string | null },
): readonly number[] {
  if (state?.kind === 'either') return [state.next, state.other]
  if (state?.kind === 'start') return place.isStart ? [state.next] : []
  if (state?.kind === 'end') return place.character === null ? [state.next] : []
  return []
}
