import type { Fleet } from '../core/fleet/fleet.ts'

/** How to reach an address that is told, where that is not this machine's own network. */
export function namespaceHint({ settings }: Pick<Fleet, 'settings'>, url: string): string | null {
  const { namespace } = settings.network
  if (namespace === undefined) return null
  return `this is inside the network namespace ${namespace}: sudo ip netns exec ${namespace} curl ${url}`
}
