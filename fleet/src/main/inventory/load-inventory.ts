/** The inventory of a fleet, with whatever it takes to read it. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FleetOptions } from '../../cli/context.ts'
import { noPassword, type Decrypt } from '@timeball/inventory/encrypted-text.ts'
import { ansibleSettingNotes, type AnsibleNotes } from '@timeball/inventory/files/ansible-cfg.ts'
import { readText } from '@timeball/inventory/files/read-text.ts'
import { readInventorySources } from '@timeball/inventory/files/find-sources.ts'
import type { Inventory } from '@timeball/inventory/inventory.ts'
import { parseInventory } from '@timeball/inventory/parse-inventory.ts'
import type { InventorySources } from '@timeball/inventory/sources/source.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { expandHome } from '../key-files.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface LoadedInventory {
  readonly inventory: Inventory
  readonly decrypt: Decrypt
}

export const usualNames = [
  ...['inventory.yml', 'inventory.yaml', 'inventory.ini'],
  ...['hosts.yml', 'hosts.ini', 'hosts'],
] as const

/** Where an inventory is looked for when none is named; `ansible/` is the guide's. */
const usualInventories = ['', 'ansible/'].flatMap((folder) =>
  usualNames.map((name) => folder + name),
)

/** The sources as after each `-i`. */
export function sourcesOf({ inventory }: FleetOptions): readonly string[] {
  if (typeof inventory === 'string') return [inventory]
  return inventory ?? [usualInventories.find((path) => existsSync(path)) ?? 'inventory.yml']
}

/** An inventory without hosts is no success, whatever is asked of it. */
export async function loadInventory(
  options: FleetOptions,
  environment: Environment,
): Promise<Result<LoadedInventory, readonly Problem[]>> {
  const found = readInventorySources({ sources: sourcesOf(options), playbookDirectory: '.' })
  const settings = ansibleSettings(options, environment)
  if (!found.ok) return fail([...found.failure, ...settings.inventory])
  const decrypt = await openVault(options, environment)
  if (!decrypt.ok) return decrypt
  const isForeign = found.value.sources.sources.some(({ kind }) => kind === 'foreign')
  const parsed = isForeign
    ? await askAnsible(found.value.sources, options)
    : parseInventory(found.value.sources, decrypt.value)
  if (!parsed.ok) return parsed
  const { path, hosts, notes } = parsed.value
  if (hosts.size > 0) {
    const inventory = {
      ...parsed.value,
      notes: [...found.value.notes, ...settings.inventory, ...settings.others, ...notes],
      connectionNotes: settings.connection,
    }
    return ok({ inventory, decrypt: decrypt.value })
  }
  const fix = 'Write a group such as "all:" with "hosts:" in it'
  return fail([{ file: path, line: null, column: null, what: 'there is no host in it', fix }])
}

/** What Ansible would take from its own settings; `-i` wins over the inventory of theirs. */
function ansibleSettings({ inventory }: FleetOptions, environment: Environment): AnsibleNotes {
  const path = configsOf(environment).find((each) => existsSync(each))
  const config = path === undefined ? null : readText(path)
  if (config?.ok === false) return { inventory: [], connection: [], others: [config.failure] }
  const notes = ansibleSettingNotes(config?.value ?? null, environment)
  return inventory === undefined ? notes : { ...notes, inventory: [] }
}

/** Where Ansible looks for its settings; the first file that is there counts (its reference, "Configuration Settings"). */
function configsOf({ ANSIBLE_CONFIG: named }: Environment): readonly string[] {
  const usual = ['ansible.cfg', expandHome('~/.ansible.cfg'), '/etc/ansible/ansible.cfg']
  if (named === undefined || named === '') return usual
  const path = expandHome(named)
  return [
    existsSync(path) && statSync(path).isDirectory() ? join(path, 'ansible.cfg') : path,
    ...usual,
  ]
}

async function openVault(
  { vaultPasswordFile = [], untrusted = false }: FleetOptions,
  environment: Environment,
): Promise<Result<Decrypt, readonly Problem[]>> {
  const isNamed =
    vaultPasswordFile.length > 0 ||
    environment['ANSIBLE_VAULT_PASSWORD_FILE'] !== undefined ||
    environment['ANSIBLE_VAULT_IDENTITY_LIST'] !== undefined
  if (!isNamed) return ok(noPassword)
  const { readVaultPasswords } = await import('@timeball/inventory/files/vault-passwords.ts')
  const { decrypter } = await import('@timeball/inventory/vault/decrypt.ts')
  const programs = untrusted ? 'refuse' : 'run'
  const passwords = await readVaultPasswords({ files: vaultPasswordFile, environment, programs })
  return passwords.ok ? ok(decrypter(passwords.value)) : passwords
}

/** All sources at once: what one of them says of a group counts for the others' hosts. */
async function askAnsible(
  { sources, playbookDirectory }: InventorySources,
  options: FleetOptions,
): Promise<Result<Inventory, readonly Problem[]>> {
  const foreign = sources.filter((source) => source.kind === 'foreign')
  if (options.untrusted === true) {
    return fail(
      foreign.map(({ path, what }) => ({
        ...{ file: path, line: null, column: null },
        what: `this is ${what}, which is not run with --untrusted`,
        fix: 'Write the hosts down, as ansible-inventory --list --yaml prints them',
      })),
    )
  }
  const { runAnsible } = await import('./run-ansible.ts')
  const { readListed } = await import('@timeball/inventory/sources/listed.ts')
  const named = sourcesOf(options)
  const passwordFiles = options.vaultPasswordFile ?? []
  const listed = await runAnsible('ansible-inventory', { sources: named, passwordFiles }, [
    '--list',
  ])
  if (!listed.ok) return fail([listed.failure])
  const path = named.join(', ')
  const inventory = readListed({ path, text: listed.value, playbookDirectory })
  if (!inventory.ok) return inventory
  const notes = foreign.map(({ path: file, what }) => ({
    ...{ file, line: null, column: null, fix: null },
    what: `this is ${what}: ansible-inventory read it`,
  }))
  return ok({ ...inventory.value, notes })
}
