/** A Fulcio and a Rekor of their own on loopback (`@sigstore/mock`), and the root that trusts them. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  rekorHandler,
} from '@sigstore/mock'
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs'
import { z } from 'zod'

export interface Sigstore extends AsyncDisposable {
  /** Of both. */
  readonly url: string
  /** JSON, as `image.trusted_root` names it. */
  readonly root: string
}

const logUrl = 'https://rekor.example'

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

/** Certificates are given to whoever asks: nobody looks at the signature of a token. */
export async function startSigstore(): Promise<Sigstore> {
  const ctlog = await initializeCTLog(newKeys())
  const ca = await initializeCA(newKeys(), ctlog)
  const tlog = await initializeTLog(logUrl, newKeys())
  const rekor = rekorHandler(tlog)
  const handlers = [fulcioHandler(ca), { ...rekor, fn: (body: string) => rekor.fn(logged(body)) }]
  const server = createServer((request, response) => {
    const handler = handlers.find(({ path }) => path === request.url)
    void text(request).then(async (body) => {
      const answer = await handler?.fn(body)
      const headers = { 'content-type': answer?.contentType ?? 'text/plain' }
      response.writeHead(answer?.statusCode ?? 404, headers).end(answer?.response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const logOf = (publicKey: Buffer, keyId: Buffer) => ({
    ...{ baseUrl: logUrl, hashAlgorithm: HashAlgorithm.SHA2_256, logId: { keyId } },
    ...{ checkpointKeyId: undefined, operator: '' },
    publicKey: {
      rawBytes: publicKey,
      keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      validFor: { start: new Date(0) },
    },
  })
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(tlog.publicKey, createHash('sha256').update(tlog.publicKey).digest())],
    ctlogs: [logOf(ctlog.publicKey, bytesOf(ctlog.logID))],
    certificateAuthorities: [
      {
        ...{ subject: undefined, uri: '', operator: '', validFor: { start: new Date(0) } },
        certChain: { certificates: [{ rawBytes: bytesOf(ca.rootCertificate) }] },
      },
    ],
    timestampAuthorities: [],
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    root: JSON.stringify(TrustedRoot.toJSON(root)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const proposedSchema = z.object({
  spec: z.object({
    proposedContent: z.object({ envelope: z.string(), verifiers: z.tuple([z.string()]) }),
  }),
})
const envelopeSchema = z.object({
  payload: z.base64(),
  signatures: z.tuple([z.object({ sig: z.string() })]),
})

function hash(bytes: Buffer) {
  return { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') }
}

/** What Rekor keeps of a DSSE envelope (github.com/sigstore/rekor, pkg/types/dsse), which the mock does not. */
function logged(body: string): string {
  const { envelope, verifiers } = proposedSchema.parse(JSON.parse(body)).spec.proposedContent
  const { payload, signatures } = envelopeSchema.parse(JSON.parse(envelope))
  const spec = {
    envelopeHash: hash(Buffer.from(envelope)),
    payloadHash: hash(Buffer.from(payload, 'base64')),
    signatures: [{ signature: signatures[0].sig, verifier: verifiers[0] }],
  }
  return JSON.stringify({ apiVersion: '0.0.1', kind: 'dsse', spec })
}

function bytesOf({ buffer, byteLength, byteOffset }: ArrayBufferView<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function part(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

/** What an issuer would say of somebody, as `SIGSTORE_ID_TOKEN` has it. */
export function tokenOf(issuer: string, identity: string): string {
  const claims = { iss: issuer, sub: identity, aud: 'sigstore' }
  return `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}.c2lnbmVk`
}
