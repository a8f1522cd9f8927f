import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionOf } from './connection.ts'
import { inventoryOf } from '../test/inventory-of.ts'
import { resolveVars } from './resolve-vars.ts'

function problemsWith(vars: string, only: readonly string[] | null = null): string {
  const inventory = inventoryOf(`all:\n  vars:\n    ${vars}\n  hosts: {pi-01: }\n`)
  const result = resolveVars(inventory, 'pi-01', only)
  return result.ok
    ? ''
    : result.failure
        .map((each) => `${each.line}:${each.column} ${each.what} (${each.fix})`)
        .join('\n')
}

const cases: readonly { readonly name: string; readonly vars: string; readonly problem: RegExp }[] =
  [
    {
      name: 'a circle',
      vars: 'a: "{{ b }}"\n    b: "{{ a }}"',
      problem: /3:8 the variable "a" of pi-01 needs itself: a -> b -> a/,
    },
    { name: 'a variable that is its own', vars: 'a: "x{{ a }}"', problem: /a -> a/ },
    {
      name: 'an unknown variable',
      vars: 'domain: x\n    a: "{{ domian }}"',
      problem: /4:8 the variable "domian" is not defined for pi-01 \(Did you mean domain\?\)/,
    },
    {
      name: 'an unknown member',
      vars: 'a: {b: 1}\n    c: "{{ a.x }}"',
      problem: /"a" has no member "x"/,
    },
    {
      name: 'a filter',
      vars: `a: "{{ b | default('x') }}"`,
      problem: /the filter "default"; only a variable or a dotted path/,
    },
    { name: 'a lookup', vars: `a: "{{ lookup('env', 'X') }}"`, problem: /the function "lookup"/ },
    { name: 'a subscript', vars: `a: "{{ b['c'] }}"`, problem: /a subscript/ },
    { name: 'a statement', vars: 'a: "{% if x %}y{% endif %}"', problem: /Jinja statements/ },
    { name: 'an open brace', vars: 'a: "{{ b"', problem: /no closing/ },
    {
      name: 'a method of Python',
      vars: 'a: {b: 1}\n    c: "{{ a.items }}"',
      problem: /no member "items"/,
    },
    {
      name: 'a list in a text',
      vars: 'a: [1]\n    c: "x {{ a }}"',
      problem: /cannot become part of a text/,
    },
    { name: 'a secret in a text', vars: 'a: !vault x\n    c: "x {{ a }}"', problem: /encrypted/ },
    {
      name: 'a text that looks like a list',
      vars: 'a: 1\n    c: "[{{ a }}, 2]"',
      problem: /read as a list/,
    },
    {
      name: 'texts that double',
      vars: [
        'a0: xxxxxxxxxx',
        ...Array.from({ length: 40 }, (_, i) => `a${i + 1}: "{{ a${i} }}{{ a${i} }}"`),
      ].join('\n    '),
      problem: /too much text/,
    },
  ]
for (const { name, vars, problem } of cases) {
  test(`${name} is a problem where it is written`, () => assert.match(problemsWith(vars), problem))
}

test('a template that nobody uses may be anything', () => {
  assert.equal(problemsWith('ok_: 1\n    a: "{{ lookup(1) }}"', ['ok_']), '')
  assert.notEqual(problemsWith('ok_: "{{ a }}"\n    a: "{{ lookup(1) }}"', ['ok_']), '')
})

test('a connection has what the inventory says, with templates resolved', () => {
  const inventory = inventoryOf(
    `all:\n  vars:\n    net: 192.168.1\n    ansible_port: "2222"\n    ansible_ssh_common_args: '-o ProxyJump="a b" -4'\n` +
      '  hosts:\n    pi-01: {ansible_host: "{{ net }}.7", ansible_user: ops}\n    pi-02:\n    pi-03: {ansible_host: "{{ net }}.999"}\n',
  )
  assert.deepEqual(connectionOf(inventory, 'pi-01'), {
    ok: true,
    value: {
      address: '192.168.1.7',
      port: 2222,
      user: 'ops',
      privateKeyFile: null,
      commonArgs: ['-o', 'ProxyJump=a b', '-4'],
    },
  })
  const second = connectionOf(inventory, 'pi-02')
  assert.ok(second.ok && second.value.address === 'pi-02')
  const third = connectionOf(inventory, 'pi-03')
  assert.match(third.ok ? '' : (third.failure[0]?.what ?? ''), /not an address: "192.168.1.999"/)
})
