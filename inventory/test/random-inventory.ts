/** Inventories of all shapes, made at random: YAML, INI, several sources, folders, variable files. */
import fc from 'fast-check'

export interface RandomInventory {
  /** Contents by path. */
  readonly files: ReadonlyMap<string, string>
  /** What comes after `-i`. */
  readonly sources: readonly string[]
}

const groupNames = ['web', 'db', 'north', 'south', 'stratum1', 'pi-zero', 'ünï', 'all', 'ungrouped']
const hostNames = ['pi-01', 'pi-02', 'příbor', 'h3.example.org', '10.0.0.1', 'web', 'Pi']
const variableNames = ['a', 'b', 'port', 'ansible_host', 'ünï', 'with-dash', 'x y', 'inventory_dir']

const yamlScalar = fc.constantFrom(
  ...['1', '-1', '+1', '010', '0x1F', '0b11', '1_000', '1:30', '190:20:30.15', '0o14', '08'],
  ...['1.0', '-0.0', '.5', '1.', '1e3', '1.5e+3', '6.02e+23', '1.0e-7', '123456789012345680.0'],
  ...['.inf', '-.inf', '.nan', '66666666666666666666666666666666', '-9223372036854775809'],
  ...['yes', 'No', 'true', 'off', '~', 'null', '""', "''", 'y', 'None', 'True'],
  ...['2026-11-23', '2001-12-14t21:59:43.10-05:00', '2001-12-15 2:59:43', '2024-01-01 10:00:00'],
  ...['text', '"a\\tb\\u00e9"', "'it''s'", '1.2.3', '"{{ a }}.{{ b }}"', 'a b', 'príklad', '"😀"'],
  ...['!unsafe "{{ a }}"', '!!str 5', '!!float 1', '!!int "7"', '!vault "x"', '"yes"', "'010'"],
)

const yamlKey = fc.constantFrom('k', 'l', '5', '7.2', 'true', '"5"', 'ž', '~', '1.0', '"a b"')

const yamlValue = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    yamlScalar,
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .uniqueArray(fc.tuple(yamlKey, tie('value')), { maxLength: 3, selector: ([key]) => key })
      .filter((pairs) => pairs.filter(([key]) => /^(?:true|1\.0)$/.test(key)).length < 2)
      .map((pairs) => `{${pairs.map(([key, value]) => `${key}: ${value}`).join(', ')}}`),
  ),
})).value

function mapping(indent: string, entries: readonly (readonly [string, string])[]): string {
  return entries.map(([key, value]) => `${indent}${key}: ${value}\n`).join('')
}

const yamlName = (name: string): string => `"${name}"`

const yamlVariables = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...variableNames.map(yamlName), '7.5', '3'), yamlValue), {
    maxLength: 4,
    selector: ([name]) => name,
  })
  .map((pairs) => [...pairs])

const hostKey = fc.constantFrom(
  ...[...hostNames, 'r-[1:3]', 'r-[01:05:2]', 's-[a:c].x', 'pi-01:2222', '[fe80::1]:2022'],
  ...['fe80::2', '[2001:db8::7]:22', '10.0.0.[1:2]:22'],
)

/** A group as YAML; its children are later in the list of names, so that there are no circles. */
const yamlGroup = (name: string): fc.Arbitrary<string> =>
  fc
    .record({
      hosts: fc.uniqueArray(fc.tuple(hostKey, yamlVariables), {
        maxLength: 4,
        selector: ([key]) => key,
      }),
      variables: yamlVariables,
      children: fc.uniqueArray(fc.constantFrom(...laterThan(name), 'leaf'), { maxLength: 3 }),
      priority: fc.option(fc.integer({ min: -2, max: 12 })),
    })
    .map(({ hosts, variables, children, priority }) => {
      const own =
        priority === null
          ? variables
          : [['ansible_group_priority', `${priority}`] as const, ...variables]
      const isAll = name === 'all'
      return [
        `${yamlName(name)}:\n`,
        hosts.length > 0 ? '  hosts:\n' : '',
        ...hosts.map(([key, values]) => `    "${key}":\n${mapping('      ', values)}`),
        own.length > 0 ? `  vars:\n${mapping('    ', own)}` : '',
        children.length > 0 && !isAll
          ? `  children:\n${mapping(
              '    ',
              children.map((each) => [yamlName(each), '']),
            )}`
          : '',
      ].join('')
    })

function laterThan(name: string): string[] {
  const inner = groupNames.filter((each) => each !== 'all' && each !== 'ungrouped')
  return inner.slice(inner.indexOf(name) + 1)
}

const yamlFile = fc
  .uniqueArray(fc.constantFrom(...groupNames), { minLength: 1, maxLength: 4 })
  .chain((names) => fc.tuple(...names.map(yamlGroup)))
  .map((groups) => groups.join(''))

const iniValue = fc.constantFrom(
  ...['5', '-5', '+5', '5.0', '1e3', '1_000', '0777', '0x1f', '007', '0', '1.', '.5', '1e400'],
  ...['true', 'True', 'None', 'yes', 'text', 'a.b', '', '{{a}}', 'x=y', '80,443', "'a','b'"],
  ...[
    "'5'",
    "b'x'",
    "u'x'",
    "r'\\d'",
    "'a''b'",
    "f'x'",
    '(1)',
    '()',
    '(1,)',
    '1+2',
    '--5',
    '-True',
  ],
  ...['[1,2.0]', "[1,'a',None,]", "{'a':1,'b':[True]}", "{1:'x','1':'y'}", '[', '{', '[a]', '[1,2'],
  ...["'\\u00e9\\x41\\101\\q'", 'príklad', '66666666666666666666666666666666', '"""a"""', "['ž']"],
)

const iniVariableName = fc.constantFrom('a', 'b', 'port', 'ansible_host', 'x.y', 'with-dash')

/** A value as a word of a line: quoted so that its quotes stay. */
function iniWord([name, value]: readonly [string, string]): string {
  return `${name}=${/["']/.test(value) && !value.includes('"') ? `"${value.replaceAll('\\', '\\\\')}"` : value}`
}

const iniHost = fc
  .tuple(hostKey, fc.array(fc.tuple(iniVariableName, iniValue), { maxLength: 3 }))
  .map(([key, pairs]) =>
    [key, ...pairs.filter(([, value]) => !value.includes('"')).map(iniWord)].join(' '),
  )

const iniSection = fc.oneof(
  fc
    .tuple(fc.constantFrom(...groupNames), fc.array(iniHost, { maxLength: 4 }))
    .map(([name, hosts]) => `[${name}]\n${hosts.join('\n')}\n`),
  fc
    .tuple(
      fc.constantFrom(...groupNames),
      fc.array(fc.tuple(iniVariableName, iniValue), { maxLength: 4 }),
    )
    .map(
      ([name, pairs]) =>
        `[${name}:vars] # of ${name}\n${pairs.map(([key, value]) => `${key} = ${value}\n`).join('')}`,
    ),
  fc
    .tuple(
      fc.constantFrom(...groupNames.slice(0, 3)),
      fc.array(fc.constantFrom(...groupNames.slice(3, 7)), { maxLength: 3 }),
    )
    .map(([name, children]) => `[${name}:children]\n${children.join('\n')}\n`),
  fc.constant('; a comment\n\n# another\n'),
)

const iniFile = fc
  .tuple(fc.array(iniHost, { maxLength: 2 }), fc.array(iniSection, { minLength: 1, maxLength: 6 }))
  .map(([hosts, sections]) => {
    const text = [...hosts.map((host) => `${host}\n`), ...sections].join('')
    // Each group is declared, so that most of the inventories can be read.
    const used = groupNames.slice(0, 7).filter((name) => text.includes(name))
    return text + used.map((name) => `[${name}]\n`).join('')
  })

const variableFile = yamlVariables.map((pairs) => mapping('', pairs))

/** `group_vars/` and `host_vars/` in a folder, as files and folders of files. */
const variableFiles = (folder: string): fc.Arbitrary<(readonly [string, string])[]> =>
  fc.uniqueArray(
    fc.tuple(
      fc
        .constantFrom(
          ...[
            'group_vars/all.yml',
            'group_vars/all/10.yml',
            'group_vars/web',
            'group_vars/db.yaml',
          ],
          ...['group_vars/north.json.yml', 'host_vars/pi-01.yml', 'host_vars/pi-02/b.yml'],
          ...['host_vars/pi-02/a.yml', 'host_vars/nobody.yml', 'group_vars/ungrouped.yml'],
        )
        .map((path) => (folder === '' ? path : `${folder}/${path}`)),
      variableFile,
    ),
    { maxLength: 5, selector: ([path]) => path },
  )

const source = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('inv/a.yml', 'b.yaml', 'inv/c'), yamlFile) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('inv/hosts.ini', 'hosts', 'inv/prod.cfg'), iniFile),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('inv/dir/1.yml', 'inv/dir/2.yml'), yamlFile) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('inv/dir/hosts', 'inv/dir/sub/more'), iniFile) },
)

export const randomInventory: fc.Arbitrary<RandomInventory> = fc
  .tuple(
    fc.uniqueArray(source, { minLength: 1, maxLength: 3, selector: ([path]) => path }),
    variableFiles('inv'),
    variableFiles('inv/dir'),
    variableFiles(''),
    fc.option(fc.constantFrom('x1,x2', 'pi-01,', 'y:22,[fe80::9]:23'), { freq: 6 }),
  )
  .map(([sources, beside, inFolder, atPlaybook, names]) => {
    const files = new Map([...sources, ...beside, ...inFolder, ...atPlaybook])
    // A file cannot stand where a folder has to be.
    for (const path of files.keys()) {
      const isFolderToo = [...files.keys()].some((other) => other.startsWith(`${path}/`))
      if (isFolderToo) files.delete(path)
    }
    const named = sources.map(([path]) => (path.startsWith('inv/dir/') ? 'inv/dir' : path))
    return { files, sources: [...new Set(named), ...(names === null ? [] : [names])] }
  })
