/**
 * Reads the keys' file again when it changes, so that keys rotate without a restart.
 *
 * INVARIANTS: a file that cannot be read, has no key or has a wrong one never changes what is let in;
 * a change counts only once it was read twice alike, so that half a file is never believed.
 */
import { readFile } from 'node:fs/promises'
import { fail, ok } from '@timeball/lib/result.ts'
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
  /** What is wrong with the file, in one sentence; `null`: nothing. */
  problem(): string | null
  stop(): void
}

export interface KeysWatchOptions {
  readonly path: string
  readonly ring: KeyRing
  readonly log: Log
  readonly intervalMs: number
}

/** Looks every `intervalMs` until it is stopped. Each problem is logged once. */
export function watchKeys({ path, ring, log, intervalMs }: KeysWatchOptions): KeysWatch {
  let current: Result<string, string> | null = null
  let pending: Result<string, string> | null = null
  let problem: string | null = null
  let isRead = false

  /** The keys that count while the file cannot be used. */
  function effect(): string {
    if (ring.size === 0) return 'nobody is let in'
    return isRead ? 'the former keys still count' : 'only the keys of the environment count'
  }

  async function look(): Promise<void> {
    const found = await readText(path)
    if (isAlike(found, current)) {
      pending = null
      return
    }
    if (!isAlike(found, pending)) {
      pending = found
      return
    }
    current = found
    pending = null
    const keys = found.ok ? keysInFile(found.value) : fail([found.failure])
    if (keys.ok) {
      problem = null
      isRead = true
      ring.replace(keys.value)
      log('info', 'keys replaced', { path, names: keys.value.map((key) => key.name) })
      return
    }
    problem = `keys: ${path}: ${keys.failure.join('; ')}; ${effect()}`
    log('error', 'keys file cannot be used', { path, why: keys.failure, effect: effect() })
  }

  const timer = setInterval(() => void look(), intervalMs)
  timer.unref()
  return { look, problem: () => problem, stop: () => clearInterval(timer) }
}

function isAlike(a: Result<string, string>, b: Result<string, string> | null): boolean {
  if (b === null) return false
  return a.ok ? b.ok && a.value === b.value : !b.ok && a.failure === b.failure
}

async function readText(path: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return fail(`it cannot be read (${code})`)
  }
}
