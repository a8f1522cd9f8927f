/** Who the viewer is: a token, kept for as long as the tab is open. */
import { signal } from '@preact/signals'

const place = 'timeball-token'

/** A link that signs in has it behind the `#`, which browsers never send; it is taken out at once. */
function fromAddress(): string | null {
  const found = /^#token=([\w.~-]+)$/.exec(location.hash)?.[1] ?? null
  if (found !== null) history.replaceState(null, '', location.pathname)
  return found
}

/** `null`: nobody has signed in. */
export const token = signal(fromAddress() ?? sessionStorage.getItem(place))

export function signIn(given: string): void {
  sessionStorage.setItem(place, given)
  token.value = given
}

export function signOut(): void {
  sessionStorage.removeItem(place)
  token.value = null
}
