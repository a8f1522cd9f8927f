import { readYaml } from '../yaml/read-node.ts'
import type { SourceFile } from '../yaml/source.ts'
import { extensionOf } from './source.ts'

/** What makes that only Ansible itself can read a source; `null` when it is data. */
export function foreignKind(file: SourceFile): string | null {
  const extension = extensionOf(file.path)
  if (extension === '.toml') return 'TOML'
  if (file.text.startsWith('#!')) return 'a script'
  const mayBePlugin =
    (extension === '.yml' || extension === '.yaml') && /\bplugin\b/.test(file.text)
  return mayBePlugin ? pluginOf(file) : null
}

function pluginOf(file: SourceFile): string | null {
  const yaml = readYaml(file)
  if (yaml.kind !== 'read' || yaml.node.kind !== 'map') return null
  const plugin = yaml.node.entries.get('plugin')?.node
  const isNamed = plugin?.kind === 'scalar' && typeof plugin.value === 'string'
  return isNamed ? `the configuration of the inventory plugin ${plugin.value}` : null
}
