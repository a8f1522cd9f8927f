import { type Node as YamlNode, isAlias, isMap, isPair, isScalar, isSeq } from 'yaml'

export type Complain = (node: YamlNode, what: string, fix: string) => void

/**
 * What each alias of a document stands for. As in PyYAML an anchor comes before its aliases and has
 * its name for itself.
 */
export function aliasTargets(root: YamlNode, complain: Complain): ReadonlyMap<YamlNode, YamlNode> {
  const anchors = new Map<string, YamlNode>()
  const targets = new Map<YamlNode, YamlNode>()
  const keepAnchor = (node: YamlNode, name: string | undefined): void => {
    if (name === undefined) return
    if (anchors.has(name)) {
      complain(node, `the anchor &${name} is written twice`, 'Give one of them another name')
    }
    anchors.set(name, node)
  }
  const visit = (node: unknown): void => {
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target !== undefined) targets.set(node, target)
      else {
        const fix = `Write &${node.source} before the value that it stands for`
        complain(node, `the alias *${node.source} has no anchor before it`, fix)
      }
    } else if (isMap(node) || isSeq(node)) {
      keepAnchor(node, node.anchor)
      for (const item of node.items) visit(item)
    } else if (isPair(node)) {
      visit(node.key)
      visit(node.value)
    } else if (isScalar(node)) keepAnchor(node, node.anchor)
  }
  visit(root)
  return targets
}
