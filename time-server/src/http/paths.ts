/** Which route a request line means. Pure. */

export interface Found<T> {
  /** The path as it was given, or `other`: a label, never a client's text. */
  readonly name: string
  readonly route: T
}

/** Finds by the target of a request line. A path that ends in `{…}` stands for all that begin so. */
export function routeFinder<T>(
  routes: ReadonlyMap<string, T>,
  otherwise: T,
): (target: string) => Found<T> {
  const all = [...routes].map(([name, route]) => ({ name, route }))
  const exact = new Map(all.map((found) => [found.name, found]))
  const prefixed = all
    .filter(({ name }) => name.endsWith('}'))
    .map((found) => ({ prefix: found.name.slice(0, found.name.indexOf('{')), found }))
  const other: Found<T> = { name: 'other', route: otherwise }
  return (target) => {
    const found = exact.get(target)
    if (found !== undefined) return found
    const path = pathOf(target)
    return exact.get(path) ?? prefixed.find(({ prefix }) => path.startsWith(prefix))?.found ?? other
  }
}

/** Without query, and without the server's name, which proxies send too (RFC 9112 section 3.2.2). */
export function pathOf(target: string): string {
  const [origin = ''] = /^https?:\/\/[^/?#]*/i.exec(target) ?? []
  const local = target.slice(origin.length)
  const end = local.search(/[?#]/)
  const path = end < 0 ? local : local.slice(0, end)
  return path === '' && origin !== '' ? '/' : path
}
