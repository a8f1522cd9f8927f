import { createHash } from 'node:crypto'

/** SHA-256 of bytes that come in parts, in lower-case hex. */
export interface RunningHash {
  update(bytes: Uint8Array): void
  hex(): string
}

export function runningSha256(): RunningHash {
  const hash = createHash('sha256')
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest('hex'),
  }
}
