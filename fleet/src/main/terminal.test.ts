import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTerminal } from './terminal.ts'

function screen(isDumb: boolean) {
  const written: string[] = []
  const stdout = { isTTY: true, columns: 80, write: (text: string) => written.push(text) }
  const { stdin, stderr } = process
  return { written, terminal: createTerminal({ stdin, stdout, stderr }, { noColor: true, isDumb }) }
}

test('a screen is drawn over the one before in one piece, and never emptied', async () => {
  const { written, terminal } = screen(false)
  terminal.clear()
  terminal.out('DEVICE')
  terminal.out('pi-1')
  await Promise.resolve()
  assert.deepEqual(written, ['\x1b[HDEVICE\x1b[K\npi-1\x1b[K\n\x1b[J'])
  terminal.out('after it')
  assert.equal(written.at(-1), 'after it\n')
})

test('a dumb terminal gets lines and no codes', async () => {
  const { written, terminal } = screen(true)
  terminal.clear()
  terminal.out('pi-1')
  await Promise.resolve()
  assert.deepEqual(written, ['pi-1\n'])
  assert.equal(terminal.color, false)
})
