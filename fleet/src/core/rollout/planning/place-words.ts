/** Why a device is where it is in the waves, in words. */
import type { Member } from '../plan.ts'
import type { Canary } from './choose-canaries.ts'

/** `canary of stratum2: a follower; pi-ntp-02 is its baseline`. `followers`: how many it has. */
export function canaryWords(member: Member, { of, control }: Canary, followers: number): string {
  const beside = control === null ? 'there is no baseline' : `${control} is its baseline`
  return `canary of ${of}: ${partOf(member, followers)}; ${beside}`
}

function partOf({ upstreams }: Member, followers: number): string {
  if (followers > 0)
    return followers === 1 ? 'a source of 1 device' : `a source of ${followers} devices`
  return upstreams.length > 0 ? 'a follower' : 'by itself'
}

/** `wave 2: follows pi-gps-01 and 1 more`, `wave 3: after pi-ntp-02 and 4 more, which follow it`. */
export function waveWords(wave: number, member: Member, followers: readonly string[]): string {
  const { upstreams } = member
  if (followers.length > 0) {
    const verb = followers.length === 1 ? 'which follows it' : 'which follow it'
    return `wave ${wave}: after ${firstOf(followers)}, ${verb}`
  }
  return `wave ${wave}: ${upstreams.length > 0 ? `follows ${firstOf(upstreams)}` : 'by itself'}`
}

function firstOf(names: readonly string[]): string {
  const more = names.length > 1 ? ` and ${names.length - 1} more` : ''
  return `${names[0] ?? ''}${more}`
}
