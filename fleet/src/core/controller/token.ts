/** Tokens for the API: what is kept of one is enough to know it again, and no more. */
import { sha256Hex } from '../hash/sha256.ts'
import type { Role } from './roles.ts'

export interface Token {
  readonly name: string
  readonly role: Role
  /** SHA-256 of the token: it has 256 random bits, so that nothing slower is needed. */
  readonly hash: string
  readonly createdUnixMs: number
  readonly createdBy: string
  readonly expiresUnixMs: number
  /** To the minute; `null`: never. */
  readonly usedUnixMs: number | null
}

/** By which scanners of repositories, and people, know it. */
const prefix = 'tb_'

/** `random` is 32 bytes in base64url. */
export function tokenText(random: string): string {
  return prefix + random
}

export function hashOfToken(text: string): string {
  return sha256Hex(text)
}

/** Longer texts are no tokens, and not worth a hash. */
const mostCharacters = 256

/** `null`: nobody, or one whose time is over. */
export function bearerOf(tokens: readonly Token[], text: string, nowUnixMs: number): Token | null {
  if (!text.startsWith(prefix) || text.length > mostCharacters) return null
  const hash = hashOfToken(text)
  const found = tokens.find((token) => token.hash === hash)
  return found === undefined || found.expiresUnixMs <= nowUnixMs ? null : found
}

const names = /^[a-z0-9][a-z0-9._-]{0,62}$/i

/** `null`: it can be the name of a token. */
export function tokenNameProblem(name: string): string | null {
  return names.test(name) ? null : 'it has letters, digits, ".", "_" and "-", at most 63'
}
