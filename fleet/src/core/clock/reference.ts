/** The entries of `clock.references`: servers outside the fleet that vote like the fleet's own. */

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
const endpoint =
  /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252}))(?::(?<port>\d{1,5}))?$/
const bareV6 = /^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/

/** `HOST`, `HOST:PORT`, an IPv6 address, `[IPv6]:PORT` or `controller`; `null` for anything else. */
export function parseReference(text: string): Reference | null {
  if (text === controllerReference) return { kind: 'controller' }
  if (bareV6.test(text)) return { kind: 'server', name: text, address: text, port: ntpPort }
  const groups = endpoint.exec(text)?.groups
  const address = groups?.['v6'] ?? groups?.['host']
  const port = Number(groups?.['port'] ?? ntpPort)
  if (address === undefined || port < 1 || port > 65_535) return null
  return { kind: 'server', name: text, address, port }
}
