/**
 * Signs with a key that is thrown away: Fulcio certifies for some minutes that it belongs to the
 * identity of a token, and Rekor logs that it signed meanwhile. The token is that of the CI (GitHub
 * Actions, Buildkite), or in `SIGSTORE_ID_TOKEN`.
 */
import { X509Certificate } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SignerIdentity } from '../../core/desired/signer-identity.ts'
import type { RegistryFailure } from '../registry-access.ts'
import { statementType, type MadeBundle, type Signer } from './signer.ts'

export interface KeylessOptions {
  readonly fulcioUrl: string
  readonly rekorUrl: string
}

const limits = { timeout: 30_000, retry: 2 }

export function keylessSigner(options: KeylessOptions): Signer {
  return {
    key: null,
    async sign(data) {
      const { CIContextProvider, DSSEBundleBuilder, FulcioSigner, RekorWitness } =
        await import('@sigstore/sign')
      const provider = new CIContextProvider('sigstore')
      let token = ''
      const identityProvider = { getToken: async () => (token = await provider.getToken()) }
      const fulcio = { ...limits, fulcioBaseURL: options.fulcioUrl, identityProvider }
      const rekor = { ...limits, rekorBaseURL: options.rekorUrl, entryType: 'dsse' as const }
      const builder = new DSSEBundleBuilder({
        signer: new FulcioSigner(fulcio),
        witnesses: [new RekorWitness(rekor)],
      })
      try {
        return await made(await builder.create({ data, type: statementType }))
      } catch (error) {
        return fail(failureOf(error, options, token))
      }
    },
  }
}

async function made(bundle: Bundle): Promise<Result<MadeBundle, RegistryFailure>> {
  const { bundleToJSON } = await import('@sigstore/bundle')
  const { content } = bundle.verificationMaterial
  const raw = content.$case === 'certificate' ? content.certificate.rawBytes : null
  const identity = raw === null ? null : await identityIn(raw)
  if (raw === null || identity === null) {
    return fail({ code: 'protocol', detail: 'the certificate names no identity' })
  }
  const bytes = Buffer.from(JSON.stringify(bundleToJSON(bundle)))
  return ok({ bytes, key: new X509Certificate(raw).publicKey, identity })
}

/** Fulcio's extension `Issuer (V2)` (github.com/sigstore/fulcio, docs/oid-info.md). */
const issuerExtension = '1.3.6.1.4.1.57264.1.8'

async function identityIn(raw: Buffer): Promise<SignerIdentity | null> {
  const core = await import('@sigstore/core')
  const certificate = core.X509Certificate.parse(Buffer.from(raw))
  const issuer = certificate.extension(issuerExtension)?.valueObj.subs[0]?.value.toString('ascii')
  const name = certificate.subjectAltName
  return issuer === undefined || name === undefined ? null : { issuer, identity: name }
}

/** What the library says holds the token in one case, so only what a server answered is told, without it. */
function failureOf(
  error: unknown,
  { fulcioUrl, rekorUrl }: KeylessOptions,
  token: string,
): RegistryFailure {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : ''
  const why = printable(token === '' ? cause : cause.replaceAll(token, '…'), 200)
  switch (code) {
    case 'IDENTITY_TOKEN_READ_ERROR':
      return { code: 'unauthorized', detail: noToken }
    case 'IDENTITY_TOKEN_PARSE_ERROR':
      return { code: 'unauthorized', detail: 'the identity token is no JWT' }
    case 'CA_CREATE_SIGNING_CERTIFICATE_ERROR':
      return { code: 'protocol', detail: `${fulcioUrl} gives no certificate: ${why}` }
    default:
      return { code: 'protocol', detail: `${rekorUrl} does not log the signature: ${why}` }
  }
}

const noToken =
  'nobody says who signs: a workflow of GitHub needs `id-token: write`, others SIGSTORE_ID_TOKEN'
