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
  /** Whether the column is cut, with an ellipsis, where the table is too wide. */
  readonly shrink: boolean
}

export interface TableLayout {
  readonly color: boolean
  /** Columns of the terminal; `null` is unlimited, as when the output is not a terminal. */
  readonly width: number | null
}

const gap = '  '
/** A column is not cut below this, so that it still says something. */
const minWidth = 12

/** A line of titles and one line for each row; no trailing blanks. Columns that are empty stay. */
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
  const widths = fitWidths(natural, columns, layout.width)
  return lines.map((cells) =>
    cells
      .map((cell, index) => {
        const align = columns[index]?.align ?? 'left'
        return formatCell(cell, { align, width: widths[index] ?? 0, color: layout.color })
      })
      .join(gap)
      .trimEnd(),
  )
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

function formatCell(cell: Cell, { align, width, color }: CellLayout): string {
  const text = cutToWidth(cell.text, width)
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text)))
  // Colour goes around the text only, so that padding can be trimmed and is never underlined.
  const painted = color ? paint(text, cell.tone) : text
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

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const onlyAscii = /^[\u0020-\u007e]*$/
/** East Asian wide and fullwidth blocks (Unicode UAX 11), coarsely, and what is drawn as emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const invisible = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u

/** Columns that a text takes in a terminal, without escape sequences. */
export function displayWidth(text: string): number {
  if (onlyAscii.test(text)) return text.length
  return [...graphemes.segment(text)].reduce((sum, { segment }) => sum + graphemeWidth(segment), 0)
}

function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1
}

/** The text, or as much of it as fits with an ellipsis at the end. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let used = 1
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
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
