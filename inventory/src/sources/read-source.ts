/** One source into the draft: YAML, INI or names, told apart as Ansible does. */
import type { Problem } from '@timeball/lib/problem.ts'
import { type SourceReader, addGroup, addHost } from '../draft.ts'
import { parseAddress } from '../addresses.ts'
import { describeNode } from '../yaml/node.ts'
import { type ReadFile, readYaml } from '../yaml/read-node.ts'
import { type SourceFile, checkSize, collectProblems } from '../yaml/source.ts'
import { readIni } from './ini.ts'
import { extensionOf, yamlExtensions } from './source.ts'
import { readGroups } from './yaml-groups.ts'

export function readSource(reader: SourceReader, file: SourceFile): void {
  if (!checkSize(file, reader.problems)) return
  const extension = extensionOf(file.path)
  if (extension !== '' && !yamlExtensions.includes(extension)) {
    readIni(reader, file)
    return
  }
  const yaml = readYaml(file)
  if (yaml.kind === 'read' && yaml.node.kind === 'map') readGroups(reader, yaml.node)
  else if (yaml.kind === 'mistaken' && yaml.root === 'map') {
    reader.problems.addAll(yaml.problems)
  } else readUndecided(reader, file, yaml)
}

/**
 * What is no mapping of groups may still be an INI inventory, whatever its name. When it is none
 * either, the problems are those of the format that it looks like.
 */
function readUndecided(reader: SourceReader, file: SourceFile, yaml: ReadFile): void {
  const problems = collectProblems()
  readIni({ ...reader, problems }, file)
  if (problems.list.length === 0) return
  reader.problems.addAll(looksLikeYaml(file) ? yamlProblems(file, yaml) : problems.list)
}

function looksLikeYaml(file: SourceFile): boolean {
  if (extensionOf(file.path) !== '') return true
  return /^(?:---|[\w"'-]+:)(?:\s|$)/m.test(file.text) && !/^\[[^\]]+\]\s*$/m.test(file.text)
}

function yamlProblems(file: SourceFile, yaml: ReadFile): readonly Problem[] {
  if (yaml.kind === 'broken' || yaml.kind === 'mistaken') return yaml.problems
  const problems = collectProblems()
  const at = yaml.kind === 'read' ? yaml.node.at : { file: file.path, line: 1, column: 1 }
  const is = yaml.kind === 'read' ? describeNode(yaml.node) : 'empty'
  problems.add(at, `the inventory is ${is}, not a mapping of groups`, 'Start with "all:"')
  return problems.list
}

/** The hosts of `-i pi-01,pi-02`, as in plugins/inventory/host_list.py. */
export function readNames(reader: SourceReader, text: string): void {
  const at = { file: `-i ${text}`, line: 1, column: 1 }
  const ungrouped = addGroup(reader, 'ungrouped', at)
  for (const part of text.split(',')) {
    const name = part.trim()
    const address = parseAddress(name)
    const { host, port } =
      address === null || address.host.includes('[') ? { host: name, port: null } : address
    const isNew = host !== '' && !reader.draft.hosts.has(host)
    if (isNew && ungrouped !== null) addHost(reader, ungrouped, { name: host, port, at })
  }
}
