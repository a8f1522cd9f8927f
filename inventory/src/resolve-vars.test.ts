import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '@timeball/lib/result.ts'
import { inventoryOf } from '../test/inventory-of.ts'
import { noOptions, resolveVars, type Resolution } from './resolve-vars.ts'

function resolve(vars: string, ...names: readonly string[]): Resolution {
  const inventory = inventoryOf(`all:\n  vars:\n    ${vars}\n  hosts: {pi-01: }\n`)
  return resolveVars(inventory, 'pi-01', names)
}

function problemsWith(vars: string, ...names: readonly string[]): string {
  const { problems, unsupported } = resolve(vars, ...names)
  return [...problems, ...unsupported.values()]
    .map((each) => `${each.line}:${each.column} ${each.what} (${each.fix})`)
    .join('\n')
}

const cases: readonly {
  readonly name: string
  readonly vars: string
  readonly problem: RegExp
}[] = [
  {
    name: 'a circle',
    vars: 'a: "{{ b }}"\n    b: "{{ a }}"',
    problem: /3:8 the template of "a" needs itself: a -> b -> a/,
  },
  { name: 'a variable that is its own', vars: 'a: "x{{ a }}"', problem: /a -> a/ },
  {
    name: 'an unknown variable',
    vars: 'domain: x\n    a: "{{ domian }}"',
    problem: /4:8 .*uses the variable "domian", which is not defined \(Did you mean domain\?\)/,
  },
  {
    name: 'an unknown variable, where it is used and not where that is used',
    vars: 'b: "{{ none_such }}"\n    a: "x{{ b }}"',
    problem: /3:8 the template of "b" uses the variable "none_such"/,
  },
  {
    name: 'an unknown member',
    vars: 'm: {b: 1}\n    a: "{{ m.x }}"',
    problem: /asks for "x", which is not there/,
  },
  { name: 'an unknown host', vars: `a: "{{ hostvars['pi-9'].x }}"`, problem: /host "pi-9"/ },
  { name: 'an unknown filter', vars: `a: "{{ 1 | ipaddr }}"`, problem: /the filter "ipaddr"/ },
  {
    name: 'an unknown lookup',
    vars: `a: "{{ lookup('pipe', 'id') }}"`,
    problem: /the lookup "pipe"/,
  },
  { name: 'a statement', vars: 'a: "{% if x %}y{% endif %}"', problem: /a Jinja statement/ },
  { name: 'an open brace', vars: 'a: "{{ b"', problem: /no closing }}/ },
  { name: 'an open quote', vars: `a: "{{ 'b }}"`, problem: /without a closing quote/ },
  { name: 'a bracket too many', vars: 'a: "{{ b) }}"', problem: /a "\)" too many/ },
  { name: 'a text and a number', vars: `a: "{{ 'x' + 1 }}"`, problem: /a text and a number/ },
  { name: 'a method that writes', vars: 'm: [1]\n    a: "{{ m.append(2) }}"', problem: /\.append/ },
  { name: 'a way into Python', vars: `a: "{{ ''.__class__ }}"`, problem: /\.__class__/ },
  { name: 'a secret', vars: 'm: !vault x\n    a: "x {{ m }}"', problem: /no password is given/ },
  {
    name: 'an if without else',
    vars: 'a: "{{ (1 if false) + 1 }}"',
    problem: /an "if" that is not true, without "else"/,
  },
  {
    name: 'brackets inside each other',
    vars: `a: "{{ ${'('.repeat(500)}1${')'.repeat(500)} }}"`,
    problem: /nested too deep/,
  },
  {
    name: 'a range of millions',
    vars: 'a: "{{ range(100000000) | list }}"',
    problem: /a range of 100000000 numbers/,
  },
  {
    name: 'texts that double',
    vars: [
      'a0: xxxxxxxxxx',
      ...Array.from({ length: 40 }, (_, i) => `a${i + 1}: "{{ a${i} }}{{ a${i} }}"`),
      'a: "{{ a40 }}"',
    ].join('\n    '),
    problem: /more than a million characters/,
  },
]
for (const { name, vars, problem } of cases) {
  test(`${name} is a problem where it is written`, () => {
    assert.match(problemsWith(vars, 'a'), problem)
  })
}

test('a template that nobody uses may be anything', () => {
  assert.equal(problemsWith('b: 1\n    a: "{{ lookup(1) }}"', 'b'), '')
  assert.notEqual(problemsWith('b: "{{ a }}"\n    a: "{{ lookup(1) }}"', 'b'), '')
})

test('what only Ansible can evaluate is told apart from mistakes, and its answer is taken', () => {
  const { problems, unsupported, values } = resolve('a: "{{ 1 | ipaddr }}"\n    b: 2', 'a', 'b')
  assert.deepEqual([problems, [...unsupported.keys()], [...values.keys()]], [[], ['a'], ['b']])
  const inventory = inventoryOf('all: {vars: {a: "{{ 1 | ipaddr }}"}, hosts: {pi-01: }}\n')
  const answered = resolveVars(inventory, 'pi-01', ['a'], {
    ...noOptions,
    known: (host, name) => (name === 'a' ? `${host}'s` : undefined),
  })
  assert.equal(answered.values.get('a')?.value, "pi-01's")
})

test('what is made of something encrypted is secret', () => {
  const inventory = inventoryOf(
    'all: {vars: {a: !vault x, b: "{{ a }}", c: "{{ b | upper }}", d: 1}, hosts: {pi-01: }}\n',
  )
  const { values } = resolveVars(inventory, 'pi-01', ['a', 'b', 'c', 'd'], {
    ...noOptions,
    decrypt: (text) => ok(`clear ${text}`),
  })
  const shown = [...values].map(([name, { value, isSecret }]) => [name, value, isSecret])
  assert.deepEqual(shown, [
    ['a', 'clear x', true],
    ['b', 'clear x', true],
    ['c', 'CLEAR X', true],
    ['d', 1n, false],
  ])
})
