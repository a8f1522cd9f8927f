import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { formatList } from './format-inventory.ts'
import { hostVars, positionOf } from './inventory.ts'
import { directoryOf, inventoryOf, problemsOf, sourcesOf } from '../test/inventory-of.ts'
import { parseInventory } from './parse-inventory.ts'
import { resolveVars } from './resolve-vars.ts'

test('all problems of all files are told at once', () => {
  const result = parseInventory({
    ...sourcesOf('all:\n  hosts:\n    7:\n    pi-01: 5\n  vrs:\n'),
    directories: [directoryOf('group_vars/all.yml', '- a list')],
  })
  assert.ok(!result.ok)
  const places = result.failure.map(({ file, line, column }) => `${file}:${line}:${column}`)
  assert.deepEqual(places, [
    'inv/inventory.yml:3:5',
    'inv/inventory.yml:4:12',
    'inv/inventory.yml:5:3',
    'group_vars/all.yml:1:1',
  ])
  assert.equal(result.failure[2]?.fix, 'Write vars:')
})

test('a variable has the place of the value that won', () => {
  const text = 'all:\n  vars:\n    a: 1\n    b: 1\n  hosts:\n    pi-01:\n      b:   2\n'
  const inventory = inventoryOf(text)
  assert.deepEqual(positionOf(inventory, 'pi-01', 'a'), {
    file: 'inv/inventory.yml',
    line: 3,
    column: 8,
  })
  assert.deepEqual(positionOf(inventory, 'pi-01', 'b'), {
    file: 'inv/inventory.yml',
    line: 7,
    column: 12,
  })
  assert.equal(positionOf(inventory, 'pi-01', 'c'), null)
})

test('names of JavaScript are only names', () => {
  const inventory = inventoryOf(
    'constructor:\n  hosts:\n    toString: {valueOf: 1, constructor: {a: 2}}\n',
  )
  const variables = hostVars(inventory, 'toString')
  assert.equal(variables.get('valueOf'), 1n)
  assert.equal(variables.get('hasOwnProperty'), undefined)
  const nested = inventoryOf(
    'all:\n  vars:\n    a: {b: {__proto__: {polluted: 1}}}\n  hosts: {__proto__: }\n',
  )
  assert.match(formatList(nested), /"__proto__": \{\s+"polluted": 1/)
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
})

test('aliases that explode are refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) =>
      `    a${i}: &a${i} [${Array(10)
        .fill(i === 0 ? 'x' : `*a${i - 1}`)
        .join(', ')}]`,
  )
  const problems = problemsOf(`all:\n  vars:\n${levels.join('\n')}\n`)
  assert.match(problems.join('\n'), /aliases of this file expand to more than a million values/)
})

test('an alias that contains itself is refused', () => {
  assert.match(
    problemsOf('all:\n  vars:\n    a: &a [*a]\n').join(),
    /contains itself through an alias/,
  )
})

const hostile: readonly { readonly name: string; readonly text: string; readonly what: RegExp }[] =
  [
    {
      name: 'a file of more than 1 MiB',
      text: `# ${'x'.repeat(1_100_000)}`,
      what: /larger than 1 MiB/,
    },
    { name: 'a million brackets', text: '['.repeat(1_000_000), what: /nested too deep/ },
    { name: 'a million dashes', text: '- '.repeat(500_000), what: /nested too deep/ },
    { name: 'a million keys', text: '{a: '.repeat(250_000), what: /nested too deep/ },
    {
      name: 'a staircase',
      text: Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      what: /nested|group/,
    },
    {
      name: 'a value of 30 levels',
      text: `all:\n  vars:\n    a: ${'['.repeat(30)}${']'.repeat(30)}\n`,
      what: /deeper than 20/,
    },
    {
      name: 'groups of 25 levels',
      text: Array.from(
        { length: 25 },
        (_, i) => `${'  '.repeat(2 * i)}g${i}:\n${'  '.repeat(2 * i + 1)}children:`,
      ).join('\n'),
      what: /deeper than 20/,
    },
    {
      name: 'a range of a billion hosts',
      text: 'all:\n  hosts:\n    pi-[1:999999999]:\n',
      what: /more than 100000 hosts/,
    },
    {
      name: 'ranges that multiply',
      text: 'all:\n  hosts:\n    "[1:999]-[1:999]-[1:999]":\n',
      what: /more than 100000 hosts/,
    },
    {
      name: 'an encrypted file',
      text: '$ANSIBLE_VAULT;1.1;AES256\n3132\n',
      what: /encrypted with Ansible Vault/,
    },
    {
      name: 'thousands of mistakes',
      text: `all:\n  hosts:\n${Array.from({ length: 5000 }, (_, i) => `    ${i}:`).join('\n')}`,
      what: /more problems follow/,
    },
  ]
for (const { name, text, what } of hostile) {
  test(`${name} is a problem and not a crash`, () => {
    const problems = problemsOf(text)
    assert.match(problems.join('\n'), what)
    assert.ok(problems.length <= 51)
  })
}

test('no text makes the parser throw', () => {
  const piece = fc.constantFrom(
    ...[
      'all:',
      'hosts:',
      'children:',
      'vars:',
      'pi-[01:03]',
      ':',
      '\n',
      '\n  ',
      '\n    ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ', ',
    ],
    ...[
      '"',
      "'",
      '&a',
      '*a',
      '!vault',
      '!!set',
      '|',
      '>-',
      '<<: ',
      '? ',
      '#',
      '\t',
      '---',
      '...',
      '%YAML 1.1',
      'a',
      '{{ x }}',
    ],
  )
  const text = fc.oneof(
    fc.string(),
    anyText(),
    fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (input) => {
      const result = parseInventory(sourcesOf(input))
      assert.ok(result.ok || result.failure.length > 0)
    }),
    { numRuns: 3000 },
  )
})

test('ten thousand hosts are read and resolved', () => {
  const inventory = inventoryOf(
    'all:\n  vars: {domain: example.org, ansible_host: "{{ inventory_hostname }}.{{ domain }}"}\n' +
      '  children:\n    a: {hosts: {"a-[0001:5000]": {rack: 1}}}\n    b: {hosts: {"b-[0001:5000]": {rack: 2}}}\n' +
      '    site: {children: {a: , b: }, vars: {site: north}}\n',
  )
  assert.equal(inventory.hosts.size, 10_000)
  for (const host of inventory.hosts.keys()) {
    const { values } = resolveVars(inventory, host, ['ansible_host'])
    assert.equal(values.get('ansible_host')?.value, `${host}.example.org`)
  }
  assert.ok(formatList(inventory).length > 1_000_000)
})
