import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsOf, type Output } from './output.ts'
import { createTerminal } from './terminal.ts'

function screen(isDumb: boolean) {
  const written: string[] = []
  const write = (text: string): void => void written.push(text)
  const output: Output = { isTerminal: true, columns: () => 80, write, onLoss() {} }
  const streams = {
    stdout: output,
    stderr: output,
    stdin: () => process.stdin,
    echo: () => process.stderr,
  }
  return { written, terminal: createTerminal(streams, { noColor: true, isDumb }) }
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

test('a terminal that does not know its width has 80 columns', () => {
  assert.deepEqual([columnsOf(0), columnsOf(undefined), columnsOf(120)], [80, 80, 120])
})

test('a dumb terminal gets lines and no codes', async () => {
  const { written, terminal } = screen(true)
  terminal.progress('1/2 done')
  terminal.clear()
  terminal.out('pi-1')
  await Promise.resolve()
  assert.deepEqual(written, ['pi-1\n'])
  assert.equal(terminal.color, false)
})
