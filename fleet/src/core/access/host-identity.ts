/**
 * Whether the key that a host presents may be pinned for a device. A key is one device's: two with
 * the same one are copies of one SD card, and a known key at another address is another device.
 */
import { keysOfName, revokedKeys } from './known-hosts.ts'

export interface PresentedKey {
  readonly device: string
  /** By which ssh looks its keys up. */
  readonly lookup: string
  /** `ssh-ed25519 AAAA…` */
  readonly key: string
  /** `SHA256:…` */
  readonly fingerprint: string
}

export interface Known {
  /** The fleet's known_hosts. */
  readonly text: string
  /** Of all devices of the fleet, by name: by which ssh looks its keys up. */
  readonly lookups: ReadonlyMap<string, string>
}

/** `new`: for a human to compare. `pinned`: it is this one already. */
export type Identity =
  | { readonly kind: 'new' | 'pinned' | 'revoked' }
  /** Another key is pinned for it, and nobody else is known to have this one. */
  | { readonly kind: 'changed' }
  /** The key is pinned for another device, which is not where this one presents it. */
  | { readonly kind: 'of-another'; readonly other: string; readonly isSwapped: boolean }
  /** Others presented it just now. */
  | { readonly kind: 'copied'; readonly others: readonly string[] }

export function identityOf(
  presented: PresentedKey,
  all: readonly PresentedKey[],
  { text, lookups }: Known,
): Identity {
  const { device, key } = presented
  if (revokedKeys(text).includes(key)) return { kind: 'revoked' }
  const others = all.filter((each) => each.key === key && each.device !== device)
  if (others.length > 0) return { kind: 'copied', others: others.map((each) => each.device) }
  const own = keysOfName(text, presented.lookup)
  if (own.includes(key)) return { kind: 'pinned' }
  const other = [...lookups].find(
    ([name, lookup]) => name !== device && keysOfName(text, lookup).includes(key),
  )
  if (other !== undefined) {
    const there = all.find((each) => each.device === other[0])
    return {
      kind: 'of-another',
      other: other[0],
      isSwapped: there !== undefined && own.includes(there.key),
    }
  }
  return { kind: own.length > 0 ? 'changed' : 'new' }
}

/** Why it is not pinned, and what to do; `null`: it may be, once somebody has compared it. */
export function refusalOf(
  device: string,
  identity: Identity,
): { readonly what: string; readonly fix: string } | null {
  switch (identity.kind) {
    case 'new':
    case 'pinned':
      return null
    case 'revoked':
      return {
        what: `${device} presents the host key of a device that was revoked`,
        fix: newKeys,
      }
    case 'changed':
      return {
        what: `${device} presents another host key than the one that is pinned`,
        fix: 'if it was set up anew: --replace',
      }
    case 'of-another':
      return identity.isSwapped
        ? {
            what: `${device} and ${identity.other} have swapped their addresses`,
            fix: 'correct ansible_host of both, or give each a fixed address',
          }
        : {
            what: `${device} presents the host key of ${identity.other}: it is that device, or its SD card is a copy`,
            fix: `correct ansible_host; on a copy: ${newKeys}`,
          }
    case 'copied':
      return {
        what: `${[device, ...identity.others].toSorted().join(' and ')} present the same host key: their SD cards are copies`,
        fix: `on all but one: ${newKeys}`,
      }
  }
}

const newKeys = 'sudo sh -c "rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh"'
