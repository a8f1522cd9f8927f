/** Draws the screen of a terminal as SVG, with no font, script or picture of its own. */

export interface Look {
  /** Of the palette, 0 to 15; `null`: that of plain text. */
  readonly color: number | null
  readonly isBold: boolean
  readonly isDim: boolean
}

/** Characters beside each other that look alike. */
export interface Run {
  readonly column: number
  readonly look: Look
  readonly text: string
}

interface Theme {
  readonly paper: string
  readonly ink: string
  readonly border: string
  /** Red, green, yellow, blue, magenta, cyan: palette 1 to 6. */
  readonly palette: readonly string[]
}

export const themes: Readonly<Record<'light' | 'dark', Theme>> = {
  light: {
    ...{ paper: '#ffffff', ink: '#1f2328', border: '#d0d7de' },
    palette: ['#cf222e', '#116329', '#7d4e00', '#0969da', '#8250df', '#1b7c83'],
  },
  dark: {
    ...{ paper: '#0d1117', ink: '#e6edf3', border: '#30363d' },
    palette: ['#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd'],
  },
}

/** In pixels. A column is as wide as the usual fonts of this size are; each run is fitted to it. */
const [column, row, margin] = [8.4, 19, 16]

export function drawScreen(
  lines: readonly (readonly Run[])[],
  columns: number,
  theme: Theme,
): string {
  const width = Math.ceil(columns * column + 2 * margin)
  const height = lines.length * row + 2 * margin
  const text = lines.flatMap((runs, index) => {
    const y = margin + index * row + 14
    return runs.flatMap((run) => drawRun(run, y, theme))
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>timeball rollout start: a release that serves wrong time is caught at the canary and taken back</title>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${theme.paper}" stroke="${theme.border}"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" font-size="14" fill="${theme.ink}">
${text.join('\n')}
</g>
</svg>
`
}

/** Words with a blank between them are one piece, so that columns stand where they should in any font. */
function drawRun({ column: at, look, text }: Run, y: number, theme: Theme): readonly string[] {
  const color = look.color === null ? undefined : theme.palette[(look.color % 8) - 1]
  const style = [
    color === undefined ? '' : ` fill="${color}"`,
    look.isBold ? ' font-weight="bold"' : '',
    look.isDim ? ' opacity=".6"' : '',
  ].join('')
  return [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: words, index }) => {
    const x = (margin + (at + index) * column).toFixed(1)
    const length = (words.length * column).toFixed(1)
    return `<text x="${x}" y="${y}" textLength="${length}"${style}>${escape(words)}</text>`
  })
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
