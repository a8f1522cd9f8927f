/** Who signs without a key: somebody whom an OIDC issuer knows, as a certificate says. */

export interface SignerIdentity {
  /** The URL of who vouched for the identity, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: string
  /** A URL (of a workflow, say) or an e-mail address; in settings `*` stands for any text. */
  readonly identity: string
}

export function isIdentity(wanted: SignerIdentity, { issuer, identity }: SignerIdentity): boolean {
  return wanted.issuer === issuer && fits(wanted.identity, identity)
}

function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** As it is shown. */
export function identityText({ issuer, identity }: SignerIdentity): string {
  return `${identity} (${issuer})`
}
