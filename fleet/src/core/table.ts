/** Aligned text for a terminal: tables by display width, and seconds in the unit that fits. */

export type Tone = 'good' | 'warn' | 'bad' | 'dim'

export interface Cell {
  readonly text: string
  readonly tone: Tone | null
}

export interface Column<Row> {
  readonly title: string
  readonly align: 'left' | 'right'
  /** A plain string is a cell without a tone. Printable text only. */
  readonly cell: (row: Row) => string | Cell
  /** Whether the column gets narrower, and its texts several lines, where the table is too wide. */
  readonly shrink: boolean
}

export interface TableLayout {
  readonly color: boolean
  /** Columns of the terminal; `null` is unlimited, as when the output is not a terminal. */
  readonly width: number | null
}

const gap = '  '
/** A column is not narrower than this: sentences in less are columns of single words. */
const minWidth = 30

/**
 * A line of titles, and a line for each row, or several where a text is wrapped between words; no
 * trailing blanks. Columns that are empty stay. Columns for which there is no room at all are lines
 * below the row, with their title.
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  layout: TableLayout,
): string[] {
  const titles = columns.map(({ title }): Cell => ({ text: title, tone: 'dim' }))
  const body = rows.map((row) => columns.map((column) => asCell(column.cell(row))))
  const lines = [titles, ...body]
  const natural = columns.map((_, index) =>
    Math.max(...lines.map((cells) => displayWidth(cells[index]?.text ?? ''))),
  )
  const beside = columnsBeside(natural, columns, layout.width)
  const widths = fitWidths(natural.slice(0, beside), columns, layout.width)
  return lines.flatMap((all, row) => {
    const cells = all.slice(0, beside)
    const wrapped = cells.map(({ text }, index) => wrapToWidth(text, widths[index] ?? 0))
    const height = Math.max(1, ...wrapped.map(({ length }) => length))
    const below = row === 0 ? [] : linesBelow(all.slice(beside), columns.slice(beside), layout)
    const line = (at: number): string =>
      cells
        .map(({ tone }, index) => {
          const align = columns[index]?.align ?? 'left'
          const cell = { text: wrapped[index]?.[at] ?? '', tone }
          return formatCell(cell, { align, width: widths[index] ?? 0, color: layout.color })
        })
        .join(gap)
        .trimEnd()
    return [...Array.from({ length: height }, (_, at) => line(at)), ...below]
  })
}

/** How many columns, from the first, stand beside each other; the first always does. */
function columnsBeside(
  natural: readonly number[],
  columns: readonly { readonly shrink: boolean }[],
  width: number | null,
): number {
  if (width === null) return columns.length
  const least = natural.map((size, index) =>
    columns[index]?.shrink ? Math.min(size, minWidth) : size,
  )
  let used = -gap.length
  const first = least.findIndex((size) => (used += gap.length + size) > width)
  return first === -1 ? columns.length : Math.max(1, first)
}

const indent = '    '
const minWidthBelow = 10

/** Short ones side by side, as many as there is room for; then each text that may be long. */
function linesBelow(
  cells: readonly Cell[],
  columns: readonly Titled[],
  { color, width }: TableLayout,
): string[] {
  const room = (width ?? Infinity) - indent.length
  const filled = cells.flatMap((cell, index) => {
    const column = columns[index]
    return column === undefined || cell.text === '' ? [] : [{ ...column, cell }]
  })
  const short: { text: string; used: number }[] = []
  for (const { title, cell } of filled.filter(({ shrink }) => !shrink)) {
    const shown = `${title} ${color ? paint(cell.text, cell.tone) : cell.text}`
    const size = displayWidth(`${title} ${cell.text}`)
    const last = short.at(-1)
    if (last === undefined || last.used + gap.length + size > room) {
      short.push({ text: shown, used: size })
    } else {
      last.text += gap + shown
      last.used += gap.length + size
    }
  }
  const long = filled.filter(({ shrink }) => shrink)
  return [...short.map(({ text }) => indent + text), ...long.flatMap((each) => longBelow(each))]

  function longBelow({ title, cell: { text, tone } }: Titled & { readonly cell: Cell }): string[] {
    const left = Math.max(minWidthBelow, room - title.length - 1)
    return wrapToWidth(text, left).map((part, at) => {
      const shown = color ? paint(part, tone) : part
      return `${indent}${at === 0 ? title : ' '.repeat(title.length)} ${shown}`
    })
  }
}

interface Titled {
  readonly title: string
  readonly shrink: boolean
}

function asCell(value: string | Cell): Cell {
  return typeof value === 'string' ? { text: value, tone: null } : value
}

/** Takes what is too much from the columns that may shrink, the widest first. */
function fitWidths(
  natural: readonly number[],
  columns: readonly { readonly shrink: boolean }[],
  width: number | null,
): number[] {
  const widths = [...natural]
  const total = natural.reduce((sum, next) => sum + next, gap.length * (natural.length - 1))
  let excess = width === null ? 0 : total - width
  while (excess > 0) {
    const candidates = [...widths.keys()].filter(
      (index) => columns[index]?.shrink === true && (widths[index] ?? 0) > minWidth,
    )
    const [first, ...others] = candidates
    if (first === undefined) break
    const widest = others.reduce(
      (top, index) => ((widths[index] ?? 0) > (widths[top] ?? 0) ? index : top),
      first,
    )
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
  return widths
}

interface CellLayout {
  readonly align: 'left' | 'right'
  readonly width: number
  readonly color: boolean
}

function formatCell({ text, tone }: Cell, { align, width, color }: CellLayout): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text)))
  // Colour goes around the text only, so that padding can be trimmed and is never underlined.
  const painted = color ? paint(text, tone) : text
  return align === 'right' ? padding + painted : painted + padding
}

const tones = { good: '32', warn: '33', bad: '31', dim: '2' } as const satisfies Record<
  Tone,
  string
>

/** The text in the colour of its tone (SGR), for output that is a terminal. */
export function paint(text: string, tone: Tone | null): string {
  return tone === null || text === '' ? text : `\u001b[${tones[tone]}m${text}\u001b[0m`
}

let segmenter: Intl.Segmenter | null = null
/** Made when it is needed: that takes 8 ms, and most texts are ASCII. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

const onlyAscii = /^[\u0020-\u007e]*$/
/** East Asian wide and fullwidth blocks (Unicode UAX 11), coarsely, and what is drawn as emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const invisible = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u

/** Columns that a text takes in a terminal, without escape sequences. */
export function displayWidth(text: string): number {
  if (onlyAscii.test(text)) return text.length
  return [...graphemesOf(text)].reduce((sum, { segment }) => sum + graphemeWidth(segment), 0)
}

function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1
}

/** Lines of whole words; a word that is wider than a line, such as a path, is parted. */
export function wrapToWidth(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((each) => partsOf(each, width))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (displayWidth(longer) <= width) line = longer
    else {
      if (line !== '') lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

function partsOf(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word]
  const parts: string[] = []
  let part = ''
  let used = 0
  for (const { segment } of graphemesOf(word)) {
    const more = graphemeWidth(segment)
    if (used + more > width && part !== '') {
      parts.push(part)
      part = ''
      used = 0
    }
    part += segment
    used += more
  }
  return [...parts, part]
}

/** The text, or as much of it as fits with an ellipsis at the end. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let used = 1
  let kept = ''
  for (const { segment } of graphemesOf(text)) {
    used += graphemeWidth(segment)
    if (used > width) break
    kept += segment
  }
  return width < 1 ? '' : `${kept.trimEnd()}…`
}

/** Unit and what it is in seconds, smallest first. */
const scales: readonly (readonly [unit: string, seconds: number])[] = [
  ['ns', 1e-9],
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['d', 86_400],
]

/** Three significant digits in the unit that fits: `1.24 µs`, `-183 ns`, `12.3 ms`, `7168 d`. */
export function scaleSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  if (Math.abs(seconds) < 0.5e-9) return '0 ns'
  const texts = scales.map(([unit, scale]) => ({ unit, value: seconds / scale }))
  const fitting = texts.find(({ unit, value }) => Math.abs(value) < (unit === 's' ? 86_400 : 999.5))
  const { unit, value } = fitting ?? { unit: 'd', value: seconds / 86_400 }
  return `${threeDigits(value)} ${unit}`
}

function threeDigits(value: number): string {
  const size = Math.abs(value)
  if (size >= 99.95) return value.toFixed(0)
  return value.toFixed(size >= 9.995 ? 1 : 2)
}
