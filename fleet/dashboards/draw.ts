/** A picture of a dashboard's layout in text, for the documentation. */

export interface Drawable {
  readonly panels: readonly {
    readonly type: string
    readonly title: string
    readonly gridPos: {
      readonly x: number
      readonly y: number
      readonly w: number
      readonly h: number
    }
    readonly repeat?: string | undefined
  }[]
}

/** Characters of one of the 24 columns of Grafana's grid, and rows of the grid in one line. */
const columnWidth = 5
const rowsPerLine = 2
/** Of a panel: its border, and two lines of text. */
const leastLines = 4
const totalWidth = 24 * columnWidth + 1

export function drawDashboard({ panels }: Drawable): string {
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h))
  const tops = [...new Set(panels.map(({ gridPos }) => gridPos.y))].toSorted((a, b) => a - b)
  const lineOf = new Map<number, number>()
  let line = 0
  for (const [index, top] of tops.entries()) {
    lineOf.set(top, line)
    const height = (tops[index + 1] ?? bottom) - top
    line += height === 1 ? 1 : Math.max(leastLines, Math.ceil(height / rowsPerLine))
  }
  lineOf.set(bottom, line)
  const canvas = Array.from({ length: line + 1 }, () =>
    Array.from({ length: totalWidth }, () => ' '),
  )
  for (const { type, title, gridPos, repeat } of panels) {
    const [top = 0, end = 0] = [lineOf.get(gridPos.y), lineOf.get(gridPos.y + gridPos.h)]
    const left = gridPos.x * columnWidth
    const right = left + gridPos.w * columnWidth
    if (type === 'row') {
      write(canvas, top, left, `── ${title} ${'─'.repeat(totalWidth)}`.slice(0, totalWidth))
      continue
    }
    box(canvas, { top, left, right, bottom: end - 1 })
    const what = repeat === undefined ? type : `${type}, one for each ${repeat}`
    const lines = [...wrapped(title, right - left - 4), what].slice(0, end - top - 2)
    for (const [index, text] of lines.entries()) {
      write(canvas, top + 1 + index, left + 2, fit(text, right - left - 3))
    }
  }
  const text = canvas.map((cells) => cells.join('').trimEnd()).join('\n')
  return ['```', text.trimEnd(), '```'].join('\n')
}

interface Box {
  readonly top: number
  readonly left: number
  readonly right: number
  readonly bottom: number
}

function box(canvas: string[][], { top, left, right, bottom }: Box): void {
  const inner = right - left - 2
  write(canvas, top, left, `┌${'─'.repeat(inner)}┐`)
  for (let line = top + 1; line < bottom; line += 1) {
    write(canvas, line, left, '│')
    write(canvas, line, right - 1, '│')
  }
  write(canvas, bottom, left, `└${'─'.repeat(inner)}┘`)
}

function write(canvas: string[][], line: number, column: number, text: string): void {
  const cells = canvas[line]
  if (cells === undefined) return
  for (const [index, character] of Array.from(text).entries()) cells[column + index] = character
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim()
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
