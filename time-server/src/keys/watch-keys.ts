/**
 * Reads the keys' file again when it changes, so that keys rotate without a restart.
 *
 * INVARIANTS: a file that cannot be read, has no key or has a wrong one never changes what is let in;
 * a change counts only once it was read twice alike, so that half a file is never believed.
 */
import { readFile } from 'node:fs/promises'
import { fail } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Log } from '../log.ts'
import { parseEnvFile } from './env-file.ts'
import { parseKeys } from './parse-keys.ts'
import type { ApiKey } from './parse-keys.ts'
import type { KeyRing } from './key-ring.ts'

const maxFileLength = 256 * 1024

/** The keys in an `.env` file's text. Fails with sentences, also when there is none. */
export function keysInFile(text: string): Result<readonly ApiKey[], readonly string[]> {
  if (text.length > maxFileLength) return fail(['the file is too long'])
  const keys = parseKeys(parseEnvFile(text))
  return keys.ok && keys.value.length === 0 ? fail(['the file has no API_KEY_*']) : keys
}

export interface KeysWatch {
  /** Looks now. Never rejects. */
  look(): Promise<void>
  stop(): void
}

export interface KeysWatchOptions {
  readonly path: string
  readonly ring: KeyRing
  readonly log: Log
  readonly intervalMs: number
}

/** Looks every `intervalMs` until it is stopped. */
export function watchKeys({ path, ring, log, intervalMs }: KeysWatchOptions): KeysWatch {
  let current: string | null = null
  let pending: string | null = null

  async function look(): Promise<void> {
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === current) {
      pending = null
      return
    }
    if (text !== pending || text === null) {
      pending = text
      return
    }
    current = text
    pending = null
    const keys = keysInFile(text)
    if (!keys.ok) {
      log('error', 'keys file ignored, the former keys still count', { path, why: keys.failure })
      return
    }
    ring.replace(keys.value)
    log('info', 'keys replaced', { path, names: keys.value.map((key) => key.name) })
  }

  const timer = setInterval(() => void look(), intervalMs)
  timer.unref()
  return { look, stop: () => clearInterval(timer) }
}
