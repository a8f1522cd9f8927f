import { stringify } from 'yaml'

const head = '# Written by `timeball monitoring generate`; change fleet.yaml instead.\n'

/**
 * A YAML file that says where it comes from. The same content gives the same bytes.
 * Quoted for YAML 1.1, which Go's readers speak: there a fleet named `no` would be false.
 */
export function yamlFile(content: unknown): string {
  return `${head}${stringify(content, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false })}`
}
