/**
 * node picture.js RECORDED COLUMNS: replays what script(1) recorded of `timeball demo --once` and
 * draws the last command with the screen that it left, in docs/demo-{light,dark}.svg.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import xterm from '@xterm/headless'
import { drawScreen, themes } from './draw-screen.ts'

const [recorded, columns] = process.argv.slice(2)
const rows = 60

/** The lines of a terminal that was sent these bytes, down to the last that is not blank. */
async function screenAfter(bytes) {
  const terminal = new xterm.Terminal({ cols: Number(columns), rows, allowProposedApi: true })
  await new Promise((resolve) => terminal.write(bytes, resolve))
  const buffer = terminal.buffer.active
  const lines = Array.from({ length: rows }, (_, row) =>
    runsOf(buffer.getLine(buffer.viewportY + row)),
  )
  const last = lines.findLastIndex((line) => line.some(({ text }) => text.trim() !== ''))
  return lines.slice(0, last + 1)
}

/** Neighbours of one look are one run. */
function runsOf(line) {
  const runs = []
  for (let column = 0; column < Number(columns); column += 1) {
    const cell = line.getCell(column)
    const color = cell.isFgPalette() ? cell.getFgColor() : null
    const look = { color, isBold: cell.isBold() !== 0, isDim: cell.isDim() !== 0 }
    const last = runs.at(-1)
    const text = cell.getChars() || ' '
    if (last !== undefined && JSON.stringify(last.look) === JSON.stringify(look)) last.text += text
    else runs.push({ column, look, text })
  }
  return runs
}

const all = readFileSync(recorded)
const begin = all.lastIndexOf('$ timeball rollout start')
const end = all.lastIndexOf('\nScript done on ')
const command = (await screenAfter(all.subarray(0, all.indexOf('\n', begin)))).at(-1)
const lines = [command, ...(await screenAfter(all.subarray(begin, end)))]
for (const theme of ['light', 'dark']) {
  const path = join(import.meta.dirname, `../docs/demo-${theme}.svg`)
  writeFileSync(path, drawScreen(lines, Number(columns), themes[theme]))
}
