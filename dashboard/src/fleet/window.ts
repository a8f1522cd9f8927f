/** Which rows of a long table can be seen. Pure. */
export interface Seen {
  /** Pixels of the table above the window. */
  readonly top: number
  /** Of the window, in pixels. */
  readonly height: number
  readonly rowHeight: number
  readonly rows: number
}

/** So many more before and after, so that scrolling shows no gap. */
const spare = 12

export function windowOf({ top, height, rowHeight, rows }: Seen): { from: number; to: number } {
  const first = Math.floor(top / rowHeight) - spare
  const from = Math.max(0, Math.min(first, rows - 1))
  return { from, to: Math.min(rows, from + Math.ceil(height / rowHeight) + 2 * spare) }
}
