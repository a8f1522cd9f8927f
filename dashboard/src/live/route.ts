/** Where the viewer is: a path behind the `#` with its query, so that every view has an address. */
import { computed, signal } from '@preact/signals'

export interface Route {
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

/** `#/devices/pi-gps-01?range=1d`; what cannot be read is the first view. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const parts = path.split('/').filter(Boolean)
  return { path: parts.map(decoded), query: new URLSearchParams(query) }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function formatRoute(path: readonly string[], query: URLSearchParams): string {
  const text = query.toString()
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

const hash = signal(location.hash)
addEventListener('hashchange', () => (hash.value = location.hash))

export const route = computed(() => parseRoute(hash.value))

/** Keeps the path; an empty value takes the key out. Nothing is added to the history. */
export function setQuery(key: string, value: string): void {
  const { path, query } = route.value
  const next = new URLSearchParams(query)
  if (value === '') next.delete(key)
  else next.set(key, value)
  history.replaceState(null, '', formatRoute(path, next))
  hash.value = location.hash
}
