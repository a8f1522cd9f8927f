import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DiffLine } from './change.ts'
import { showSecretLines } from './secret-lines.ts'

const [old, fresh] = ['a'.repeat(64), 'b'.repeat(64)]

const cases: {
  readonly name: string
  readonly lines: readonly DiffLine[]
  readonly shown: string[]
}[] = [
  {
    name: 'a key with another value is replaced, beside lines that change as lines do',
    lines: [
      { sign: '-', text: 'LOG_LEVEL=info' },
      { sign: '-', text: `API_KEY_1=#${old}` },
      { sign: '+', text: 'LOG_LEVEL=debug' },
      { sign: '+', text: `API_KEY_1=#${fresh}` },
    ],
    shown: ['-LOG_LEVEL=info', '+LOG_LEVEL=debug', '~API_KEY_1 replaced'],
  },
  {
    name: 'a key that moves to another line stays the same key',
    lines: [
      { sign: '-', text: `API_KEY_1=#${old}` },
      { sign: ' ', text: 'LOG_LEVEL=info' },
      { sign: '+', text: `API_KEY_1=#${old}` },
    ],
    shown: ['-API_KEY_1=********', ' LOG_LEVEL=info', '+API_KEY_1=********'],
  },
  {
    name: 'keys that stay, come or go are masked',
    lines: [
      { sign: ' ', text: `API_KEY_1=#${old}` },
      { sign: '-', text: `OLD_KEY=#${old}` },
      { sign: '+', text: `API_KEY_2=#${fresh}` },
    ],
    shown: [' API_KEY_1=********', '-OLD_KEY=********', '+API_KEY_2=********'],
  },
]
for (const { name, lines, shown } of cases) {
  test(name, () => {
    assert.deepEqual(
      showSecretLines(lines).map(({ sign, text }) => `${sign}${text}`),
      shown,
    )
  })
}
