/** Keys of the page. They are off while one types, and with a modifier they are the browser's. */
export function watchKeys(): () => void {
  let isGo = false
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const goes = isGo ? places.get(event.key) : undefined
    isGo = event.key === 'g'
    if (goes !== undefined) location.hash = goes
    else if (event.key === '/') {
      event.preventDefault()
      document.getElementById('filter')?.focus()
    } else if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1)
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

const places = new Map([
  ['f', '#/'],
  ['c', '#/clocks'],
  ['r', '#/rollouts'],
])

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type !== 'checkbox'
}

/** Enter opens the link that has the focus, as everywhere. */
function move(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.devices tbody a')]
  const at = links.findIndex((link) => link === document.activeElement)
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus()
}
