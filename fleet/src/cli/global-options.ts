/** Options that many commands share, and the variables of the environment that stand for them. */
import { nearest } from '@timeball/lib/nearest.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Command, Option } from 'commander'

export type Environment = Readonly<Record<string, string | undefined>>

/** A flag is on or off; of a list the variable is one entry. */
type Kind = 'text' | 'list' | 'flag'

interface GlobalOption {
  readonly kind: Kind
  readonly flags: string
  readonly means: string
}

/** Of the program itself; all others belong to commands. */
export const directoryFlags = '-C, --directory <dir>'
export const directoryMeans = 'act as if started in this folder'

/** By variable, in the order of the help. */
export const globalOptions: ReadonlyMap<string, GlobalOption> = new Map([
  ['TIMEBALL_DIRECTORY', { kind: 'text', flags: directoryFlags, means: directoryMeans }],
  [
    'TIMEBALL_INVENTORY',
    { kind: 'list', flags: '-i, --inventory <source>', means: "Ansible's inventory" },
  ],
  ['TIMEBALL_FLEET', { kind: 'text', flags: '-f, --fleet <file>', means: 'settings' }],
  [
    'TIMEBALL_LIMIT',
    {
      kind: 'text',
      flags: '-l, --limit <pattern>',
      means: 'only these devices; is said each time',
    },
  ],
  [
    'TIMEBALL_VAULT_PASSWORD_FILE',
    { kind: 'list', flags: '--vault-password-file <file>', means: 'password of Ansible Vault' },
  ],
  [
    'TIMEBALL_UNTRUSTED',
    { kind: 'flag', flags: '--untrusted', means: 'run nothing here that the inventory names' },
  ],
  [
    'TIMEBALL_JSON',
    { kind: 'flag', flags: '--json', means: 'JSON lines, where the command has it' },
  ],
  [
    'TIMEBALL_ACCEPT_NEW_HOST_KEYS',
    { kind: 'flag', flags: '--accept-new-host-keys', means: 'pin keys that were never seen' },
  ],
])

/** Variables that other parts of the project read, such as the lab and the tests. */
const othersOurs: ReadonlySet<string> = new Set(
  [
    ...['FAULT', 'LAB', 'LAB_CACHE', 'ROOT', 'RUNS', 'SEED', 'USER', 'WRITE_DOCS'],
    // The store of secrets reads them.
    ...['AGE_IDENTITY', 'AGE_IDENTITY_FILE', 'AGE_PASSPHRASE'],
  ].map((name) => `TIMEBALL_${name}`),
)

type OptionValue = string | readonly string[] | boolean

/**
 * The values by variable; an empty variable is as none. A name that begins with `TIMEBALL_` and
 * means nothing is refused: what was meant by it would not be done.
 */
export function readVariables(
  environment: Environment,
): Result<ReadonlyMap<string, OptionValue>, readonly Problem[]> {
  const problems: Problem[] = []
  const values = new Map<string, OptionValue>()
  for (const [name, text = ''] of Object.entries(environment)) {
    if (!name.startsWith('TIMEBALL_') || othersOurs.has(name)) continue
    const option = globalOptions.get(name)
    if (option === undefined) problems.push(unknownVariable(name))
    else if (text !== '') {
      const value = valueOf(option.kind, text)
      if (value !== null) values.set(name, value)
      else problems.push(problem(`${name} is ${text}`, 'it is 1 or 0'))
    }
  }
  return problems.length > 0 ? fail(problems) : ok(values)
}

/** `null`: it is no value of this kind. */
function valueOf(kind: Kind, text: string): OptionValue | null {
  switch (kind) {
    case 'text':
      return text
    case 'list':
      return [text]
    case 'flag':
      return text === '1' ? true : text === '0' ? false : null
  }
}

function unknownVariable(name: string): Problem {
  const near = nearest(withoutPrefix(name), [...globalOptions.keys()].map(withoutPrefix))
  const fix = near === null ? 'see: timeball help environment' : `did you mean TIMEBALL_${near}?`
  return problem(`${name} means nothing to Timeball`, fix)
}

function withoutPrefix(variable: string): string {
  return variable.replace('TIMEBALL_', '')
}

function problem(what: string, fix: string): Problem {
  return { file: '(environment)', line: null, column: null, what, fix }
}

/** The variable of an option; `null`: it has none. */
function variableOf(option: Option): string | null {
  const name = `TIMEBALL_${option.name().replaceAll('-', '_').toUpperCase()}`
  return globalOptions.has(name) ? name : null
}

/** Options that the command line does not give are what the environment says. */
export function fillFrom(values: ReadonlyMap<string, OptionValue>, command: Command): void {
  for (const option of command.options) {
    const value = values.get(variableOf(option) ?? '')
    const key = option.attributeName()
    if (value === undefined || command.getOptionValueSource(key) === 'cli') continue
    command.setOptionValueWithSource(key, value, 'env')
  }
}
