/**
 * What Timeball refuses, and what the real Ansible makes of the same file: `refuses` it too, `warns`
 * and goes on, or `accepts` it, often with a meaning that nobody had in mind. With
 * `inventory.real.test.ts` this is the whole difference between the two that we know of.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseInventory } from '../src/parse-inventory.ts'
import { textSource } from '../src/sources/source.ts'
import { formatProblem } from '@timeball/lib/problem.ts'
import { ansible } from './ansible.ts'

const { run } = ansible()

interface Refused {
  readonly why: string
  readonly text: string
  readonly ansible: 'refuses' | 'warns' | 'accepts'
  /** `line:column: what`. */
  readonly problem: RegExp
}

const one = 'all:\n  hosts:\n    pi-01:\n'

const refused: readonly Refused[] = [
  // Both refuse.
  {
    why: 'a list of hosts',
    text: 'all:\n  hosts:\n    - pi-01\n',
    ansible: 'refuses',
    problem: /3:5: the hosts of "all" are a list/,
  },
  {
    why: 'a list at the top',
    text: '- all\n',
    ansible: 'refuses',
    problem: /1:1: the inventory is a list/,
  },
  {
    why: 'host variables that are text',
    text: 'all:\n  hosts:\n    pi-01: 10.0.0.1\n',
    ansible: 'refuses',
    problem: /3:12: the variables of the host "pi-01"/,
  },
  {
    why: 'a tab',
    text: 'all:\n  hosts:\n\tpi-01:\n',
    ansible: 'refuses',
    problem: /3:1: a tab is used as indentation/,
  },
  {
    why: 'groups in a circle',
    text: 'a:\n  children:\n    b:\n      children:\n        a:\n',
    ansible: 'refuses',
    problem: /5:9: the group "a" contains itself/,
  },
  {
    why: 'all inside a group',
    text: 'a:\n  children:\n    all:\n',
    ansible: 'refuses',
    problem: /the group "all" contains itself/,
  },
  {
    why: 'a number as host',
    text: 'all:\n  hosts:\n    10:\n',
    ansible: 'refuses',
    problem: /3:5: YAML does not read the host name 10 as text/,
  },
  {
    why: 'a bad range',
    text: 'all:\n  hosts:\n    pi-[01:9]:\n',
    ansible: 'refuses',
    problem: /3:5: the ends of the range/,
  },
  {
    why: 'a range of words',
    text: 'all:\n  hosts:\n    pi-[x1:y2]:\n',
    ansible: 'refuses',
    problem: /neither two numbers nor two letters/,
  },
  {
    why: 'an open range',
    text: 'all:\n  hosts:\n    pi-[1:3:\n',
    ansible: 'refuses',
    problem: /no closing bracket|not valid YAML/,
  },
  {
    why: 'an unquoted template',
    text: `${one}      a: {{ x }}\n`,
    ansible: 'refuses',
    problem: /4:11: a mapping or list is used as the key/,
  },
  {
    why: 'an alias without anchor',
    text: `${one}      a: *x\n`,
    ansible: 'refuses',
    problem: /4:10: the alias \*x has no anchor/,
  },
  {
    why: 'an anchor twice',
    text: `${one}      a: &x 1\n      b: &x 2\n`,
    ansible: 'refuses',
    problem: /5:13: the anchor &x is written twice/,
  },
  {
    why: 'a second document',
    text: `${one}---\nall:\n`,
    ansible: 'refuses',
    problem: /second document/,
  },
  {
    why: 'a control character',
    text: `${one}      a: "\u0007"\n`,
    ansible: 'refuses',
    problem: /4:11: the file contains the control character U\+0007/,
  },
  {
    why: 'NUL',
    text: `${one}      a: "\0"\n`,
    ansible: 'refuses',
    problem: /control character U\+0000/,
  },
  {
    why: 'a priority that is no number',
    text: 'a:\n  hosts: {pi-01: }\n  vars: {ansible_group_priority: high}\n',
    ansible: 'refuses',
    problem: /ansible_group_priority is not a whole number/,
  },
  {
    why: 'an unknown tag',
    text: `${one}      a: !custom x\n`,
    ansible: 'refuses',
    problem: /the tag !custom is not supported/,
  },
  {
    why: 'a lone equals sign',
    text: `${one}      a: =\n`,
    ansible: 'refuses',
    problem: /a lone =/,
  },
  {
    why: 'a date that is none',
    text: `${one}      a: 2026-02-30\n`,
    ansible: 'refuses',
    problem: /no such day/,
  },
  {
    why: 'a plugin',
    text: 'plugin: constructed\n',
    ansible: 'accepts',
    problem: /1:9: the group "plugin" is the text/,
  },
  {
    why: 'a missing blank',
    text: 'all:\n  hosts: {pi-01:}\n',
    ansible: 'refuses',
    problem: /blank is missing after the colon/,
  },
  // Ansible warns and goes on without it.
  {
    why: 'a key twice',
    text: 'all:\n  hosts:\n    pi-01: {a: 1}\n    pi-01: {b: 2}\n',
    ansible: 'warns',
    problem: /4:5: "pi-01" is written twice .* line 3/,
  },
  {
    why: 'an unknown part of a group',
    text: 'all:\n  host:\n    pi-01:\n',
    ansible: 'warns',
    problem: /2:3: "host" is not part of a group/,
  },
  {
    why: 'a variable outside vars',
    text: `${one}  ansible_user: pi\n`,
    ansible: 'warns',
    problem: /4:3: "ansible_user" is not part of a group/,
  },
  {
    why: 'a group that is text',
    text: `${one}web: pi-02\n`,
    ansible: 'warns',
    problem: /4:6: the group "web" is the text/,
  },
  {
    why: 'hosts at the top',
    text: 'hosts:\n  pi-01:\n  pi-02: {a: 1}\n',
    ansible: 'warns',
    problem: /1:1: "hosts" stands at the top/,
  },
  // Ansible accepts it.
  {
    why: 'a range without hosts',
    text: 'all:\n  hosts:\n    pi-[5:3]:\n',
    ansible: 'accepts',
    problem: /ends before it begins/,
  },
  {
    why: 'a closing bracket at the margin',
    text: 'all:\n  hosts: {\n  pi-01: \n}\n',
    ansible: 'accepts',
    problem: /not valid YAML: Flow map/,
  },
]

describe('an inventory is refused for', () => {
  for (const { why, text, ansible, problem } of refused) {
    test(`${why}, which Ansible ${ansible}`, async () => {
      const result = parseInventory(textSource('inv.yml', text))
      assert.ok(!result.ok, 'was accepted')
      assert.match(result.failure.map(formatProblem).join('\n'), problem)
      assert.equal(await verdict(text), ansible)
    })
  }
})

async function verdict(text: string): Promise<Refused['ansible']> {
  const directory = await mkdtemp(join(tmpdir(), 'timeball-refused-'))
  try {
    const path = join(directory, 'inventory.yml')
    await writeFile(path, text)
    const args = ['-i', path, '--list']
    const { code, stderr } = await run({ program: 'ansible-inventory', args })
    if (code !== 0 || /Unable to parse/.test(stderr)) return 'refuses'
    return stderr.includes('WARNING') ? 'warns' : 'accepts'
  } finally {
    await rm(directory, { recursive: true })
  }
}
