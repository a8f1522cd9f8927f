/** The first part of what a program says: it may say without end. */
export interface KeptOutput {
  /** Whether all of it fitted. */
  readonly push: (chunk: Buffer) => boolean
  readonly text: () => string
}

export function keepOutput(limitBytes: number): KeptOutput {
  const chunks: Buffer[] = []
  let left = limitBytes
  return {
    push(chunk) {
      const fits = chunk.length <= left
      if (left > 0) chunks.push(chunk.subarray(0, left))
      left -= Math.min(chunk.length, left)
      return fits
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}
