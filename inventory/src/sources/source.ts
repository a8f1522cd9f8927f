/** What an inventory is read from, before anything of it is understood. */
import type { Problem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'
import { type SourceFile } from '../yaml/source.ts'

export interface InventorySources {
  /** In the order of the command line; a directory stands for the files in it. */
  readonly sources: readonly Source[]
  /** In the order in which Ansible reads them. */
  readonly directories: readonly VariableDirectory[]
  /** Where the playbook would be, as an absolute path. */
  readonly playbookDirectory: string
}

export type Source =
  /** A YAML, JSON or INI inventory. */
  | { readonly kind: 'file'; readonly file: SourceFile; readonly absolute: string }
  /** Names with commas, as in `-i pi-01,pi-02`. */
  | { readonly kind: 'names'; readonly text: string }
  /** Only Ansible itself can read it. */
  | { readonly kind: 'foreign'; readonly path: string; readonly what: string }

/** A folder that has `group_vars/` and `host_vars/`. */
export interface VariableDirectory {
  readonly beside: 'inventory' | 'playbook'
  readonly groups: readonly VariableEntry[]
  readonly hosts: readonly VariableEntry[]
}

/** One entry of `group_vars/` or `host_vars/`: a file, or a folder of files. */
export interface VariableEntry {
  /** Such as `all`, `all.yml` or `pi-01.json`. */
  readonly entry: string
  readonly path: string
  /** In the order in which Ansible reads them; what cannot be read matters only when it is used. */
  readonly files: readonly Result<SourceFile, Problem>[]
}

/** Ansible's YAML_FILENAME_EXTENSIONS. */
export const yamlExtensions = ['.yml', '.yaml', '.json']

/** Python's `os.path.splitext` of a path: the extension with its dot, or nothing. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot <= 0 || /^\.+$/.test(name.slice(0, dot)) ? '' : name.slice(dot)
}

/** An inventory that is one text, without files of variables. */
export function textSource(path: string, text: string): InventorySources {
  return {
    sources: [{ kind: 'file', file: { path, text }, absolute: path }],
    directories: [],
    playbookDirectory: '',
  }
}
