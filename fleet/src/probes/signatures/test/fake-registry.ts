/** A registry that answers what a test says, and keys to sign for it. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { RegistryAccess } from '../../registry-access.ts'
import type { SignatureKey } from '../trust.ts'
import { verifySignature } from '../verify-signature.ts'

/** Of the image that is asked about. */
export const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

export interface Pair {
  readonly secret: KeyObject
  readonly key: SignatureKey
}

export function pair(file: string, namedCurve = 'P-256'): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  return { secret: privateKey, key: { file, pem } }
}

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

export interface FakeRegistry extends AsyncDisposable {
  readonly image: string
  readonly requests: string[]
}

/** By path. */
export type Answers = Readonly<Record<string, string | ((response: ServerResponse) => void)>>

export async function serve(answers: Answers, of = digest): Promise<FakeRegistry> {
  const requests: string[] = []
  const server = createServer(({ url = '' }, response) => {
    requests.push(url)
    const answer = answers[url]
    if (typeof answer === 'function') answer(response)
    else response.writeHead(answer === undefined ? 404 : 200).end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return {
    image: `127.0.0.1:${address.port}/o/a@${of}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The file of the key that signed, or why none did. */
export async function verifyIn(
  image: string,
  keys: readonly SignatureKey[],
  change: Partial<RegistryAccess> = {},
): Promise<string> {
  const signal = new AbortController().signal
  const access = { plainHttp: true, credentials: null, timeoutMs: 10_000, signal, ...change }
  const result = await verifySignature(image, { keys, identities: [], root: null }, access)
  return result.ok ? result.value : result.failure.code
}
