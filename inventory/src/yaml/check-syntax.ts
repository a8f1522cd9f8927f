/**
 * One walk over a document before its values are read: it finds what each alias stands for, and it
 * refuses what the parser allows but libyaml (YAML 1.1) refuses or reads as something else.
 */
import {
  type Node as YamlNode,
  type Pair,
  type Scalar,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
} from 'yaml'
import type { ParsedDocument } from './parse-document.ts'
import type { Problems } from './source.ts'

/** What each alias of a document stands for; aliases without an anchor before them are missing. */
export type AliasTargets = ReadonlyMap<YamlNode, YamlNode>

export function checkSyntax(
  root: YamlNode,
  { text, positionAt }: ParsedDocument,
  problems: Problems,
): AliasTargets {
  const anchors = new Map<string, YamlNode>()
  const targets = new Map<YamlNode, YamlNode>()
  const complain = (node: YamlNode | null, mistake: Mistake | null): void => {
    if (mistake !== null) problems.add(positionAt(node?.range?.[0] ?? 0), mistake.what, mistake.fix)
  }
  const visit = (node: unknown, inFlow: boolean): void => {
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target !== undefined) targets.set(node, target)
      else complain(node, missingAnchor(node.source))
      return
    }
    if (isPair(node)) {
      complain(isScalar(node.key) ? node.key : null, keyMistake(text, node, inFlow))
      visit(node.key, inFlow)
      visit(node.value, inFlow)
      return
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return
    if (node.anchor !== undefined) {
      complain(node, anchorMistake(node.anchor, anchors))
      anchors.set(node.anchor, node)
    }
    if (isScalar(node)) complain(node, inFlow ? flowMistake(text, node) : null)
    else for (const item of node.items) visit(item, node.flow === true)
  }
  visit(root, false)
  return targets
}

interface Mistake {
  readonly what: string
  readonly fix: string
}

function missingAnchor(name: string): Mistake {
  const fix = `Write &${name} before the value that it stands for`
  return { what: `the alias *${name} has no anchor before it`, fix }
}

/** PyYAML wants each anchor's name once; libyaml's names are words. */
function anchorMistake(name: string, known: ReadonlyMap<string, unknown>): Mistake | null {
  if (known.has(name)) {
    return { what: `the anchor &${name} is written twice`, fix: 'Give one of them another name' }
  }
  if (/^[\w-]+$/.test(name)) return null
  return { what: `the anchor name ${name} is not a word`, fix: 'Use letters, digits, _ and -' }
}

/** In `{ }` and `[ ]` libyaml takes a question mark for the start of a key. */
function flowMistake(text: string, node: Scalar): Mistake | null {
  if (node.type !== 'PLAIN' || text[node.range?.[0] ?? 0] !== '?') return null
  return { what: 'a text in brackets starts with a question mark', fix: 'Quote it' }
}

/** The `? key` form; an anchor or a tag may stand between. */
function followsQuestionMark(before: string): boolean {
  const words = before.split(/\s+/)
  const isApart = words.pop() === ''
  return isApart && words.findLast((word) => !/^[&!]/.test(word))?.endsWith('?') === true
}

function keyMistake(text: string, pair: Pair, inFlow: boolean): Mistake | null {
  if (!isScalar(pair.key)) return null
  const key = pair.key
  const [start, end] = key.range ?? [0, 0]
  if (start === end && key.tag === undefined) {
    return { what: 'a key is missing before its colon', fix: 'Write the key, or quote the colon' }
  }
  const [beforeValue = ''] = /^\s*:/.exec(text.slice(end, end + 200)) ?? []
  const isExplicit = followsQuestionMark(text.slice(Math.max(0, start - 200), start))
  if (!isExplicit && (text.slice(start, end) + beforeValue).includes('\n')) {
    return { what: 'a key and its colon stand on different lines', fix: 'Write them on one line' }
  }
  const isAdjacent = inFlow && key.type === 'PLAIN' && /^:[,?[\]{}]/.test(text.slice(end, end + 2))
  return isAdjacent ? { what: 'a blank is missing after the colon', fix: 'Write "name: "' } : null
}
