/** What `fetch` says when there is no response, as a code: fetch's own message is "fetch failed". */
import { printable } from '@timeball/lib/printable.ts'

/** Such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`; printable and short, as a last resort a message. */
export function connectionErrorCode(error: unknown): string {
  return printable(causeCode(error), 80)
}

/** The system's error is the cause of fetch's, or the first of one for each address tried. */
function causeCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error instanceof AggregateError && error.errors.length > 0) return causeCode(error.errors[0])
  if (error.cause instanceof Error) return causeCode(error.cause)
  return 'code' in error ? String(error.code) : error.message
}

const ownAuthority = 'NODE_EXTRA_CA_CERTS may name the file of your own authority'

/** The common ones in words, for people. */
const words: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'the name does not resolve'],
  ['EAI_AGAIN', 'the name does not resolve now'],
  ['EHOSTUNREACH', 'no way to the host'],
  ['ENETUNREACH', 'no way to the network'],
  ['ECONNRESET', 'the connection was cut'],
  ['ETIMEDOUT', 'no answer in time'],
  ['EPROTO', 'it speaks no TLS there, or another kind'],
  ['CERT_HAS_EXPIRED', 'the certificate has expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', `the certificate is signed by itself; ${ownAuthority}`],
  ['SELF_SIGNED_CERT_IN_CHAIN', `nobody here knows who signed its certificate; ${ownAuthority}`],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    `nobody here knows who signed its certificate; ${ownAuthority}`,
  ],
  [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    `nobody here knows who signed its certificate; ${ownAuthority}`,
  ],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another name'],
])

/** `the name does not resolve`; the code where there are no words for it. */
export function connectionErrorText(error: unknown): string {
  const code = connectionErrorCode(error)
  return words.get(code) ?? code
}
