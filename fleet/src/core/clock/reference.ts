/** The entries of `clock.references`: servers outside the fleet that vote like the fleet's own. */
import { parseHostPort } from '@timeball/lib/address.ts'

/** This machine's clock as one vote, where the operator says that something else keeps it right. */
export const controllerReference = 'controller'

export type Reference =
  | { readonly kind: 'controller' }
  | {
      readonly kind: 'server'
      readonly name: string
      readonly address: string
      readonly port: number
    }

const ntpPort = 123
/** `HOST`, `HOST:PORT`, an IPv6 address, `[IPv6]:PORT` or `controller`; `null` for anything else. */
export function parseReference(text: string): Reference | null {
  if (text === controllerReference) return { kind: 'controller' }
  const found = parseHostPort(text)
  if (found === null) return null
  return { kind: 'server', name: text, address: found.host, port: found.port ?? ntpPort }
}
