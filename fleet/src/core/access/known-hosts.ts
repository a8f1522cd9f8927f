/**
 * A known_hosts file as a text (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Hashed names are nobody's
 * here; Timeball's own file has none.
 */

interface Line {
  readonly text: string
  readonly hosts: readonly string[]
  readonly key: string
}

/**
 * The file with the keys of a host believed under no name any more: ssh obeys the marker `@revoked`
 * whatever else it knows of a key. What the file has of others stays.
 */
export function revokeHost(text: string, address: string, port: number): string {
  const lines = linesOf(text)
  const isOurs = ofHost(address, port)
  const left = lines.filter((line) => !isOurs(line)).map((line) => line.text)
  const revoked = lines.filter(isOurs).map(({ key }) => `@revoked * ${key}`)
  const all = [...left, ...revoked.filter((line) => !left.includes(line))]
  return all.map((line) => `${line}\n`).join('')
}

/** How many keys of the host are pinned there. */
export function pinnedKeys(text: string, address: string, port: number): number {
  return linesOf(text).filter(ofHost(address, port)).length
}

/** The name by which ssh looks a host up. */
export function lookupName(address: string, port: number): string {
  return port === 22 ? address : `[${address}]:${port}`
}

/** The keys, such as `ssh-ed25519 AAAA…`, that are pinned under a name. */
export function keysOfName(text: string, name: string): readonly string[] {
  return linesOf(text).flatMap(({ hosts, key }) => (hosts.includes(name) ? [key] : []))
}

export function revokedKeys(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('@revoked '))
  return lines.map((line) => line.trim().split(/ +/).slice(2, 4).join(' '))
}

/** The file without what is pinned under a name. */
export function withoutName(text: string, name: string): string {
  const left = linesOf(text).filter(({ hosts }) => !hosts.includes(name))
  return left.map((line) => `${line.text}\n`).join('')
}

function ofHost(address: string, port: number): (line: Line) => boolean {
  const name = lookupName(address, port)
  return ({ hosts, key }) => key !== '' && hosts.includes(name)
}

function linesOf(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [hosts = '', ...key] = line.trim().split(/ +/)
      return { text: line, hosts: hosts.split(','), key: key.slice(0, 2).join(' ') }
    })
}
