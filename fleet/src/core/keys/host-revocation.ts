/**
 * Host keys that are believed nowhere any more: lines of known_hosts with the marker `@revoked`
 * (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), which ssh obeys whatever else it knows of a key.
 */

interface Line {
  readonly text: string
  readonly hosts: readonly string[]
  readonly key: string
}

/** The file with the keys of a host revoked under every name. What it has of others stays. */
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

function ofHost(address: string, port: number): (line: Line) => boolean {
  const name = port === 22 ? address : `[${address}]:${port}`
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
