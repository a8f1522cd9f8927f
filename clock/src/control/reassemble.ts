/** Puts the fragments of one answer together. Pure: give it a fragment, get the next state. */
import type { ControlFragment, ControlRequest } from './packet.ts'

/** More than any daemon sends: ntpsec 1.2.2 needs two fragments for a peer with all its variables. */
export const maxFragments = 32

/** The fragments of one answer so far, in the order in which they came. */
export type Assembly = readonly ControlFragment[]

/** What one more fragment made of the answer. */
export type Step =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'pending'; readonly assembly: Assembly }
  | { readonly kind: 'complete'; readonly status: number; readonly data: Uint8Array }
  /** `code`: RFC 9327 §3.5, such as 4 unknown association, 5 unknown variable. */
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'broken'; readonly why: string }

/**
 * Adds `fragment` to `assembly`. Fragments may come twice and in any order; one which does not
 * belong to `request` is ignored; one which overlaps another with different bytes breaks the answer.
 */
export function reassemble(
  request: ControlRequest,
  assembly: Assembly,
  fragment: ControlFragment,
): Step {
  if (!belongs(request, fragment)) return { kind: 'ignored' }
  if (fragment.isError) return { kind: 'refused', code: fragment.status >> 8 }
  if (assembly.some((known) => isSame(known, fragment))) return { kind: 'ignored' }
  if (assembly.length >= maxFragments) return { kind: 'broken', why: 'too many fragments' }
  return join([...assembly, fragment])
}

function belongs(request: ControlRequest, fragment: ControlFragment): boolean {
  return (
    fragment.opcode === request.opcode &&
    fragment.sequence === request.sequence &&
    fragment.association === request.association
  )
}

function isSame(a: ControlFragment, b: ControlFragment): boolean {
  return a.offset === b.offset && a.hasMore === b.hasMore && Buffer.compare(a.data, b.data) === 0
}

function join(assembly: Assembly): Step {
  const inOrder = assembly.toSorted((a, b) => a.offset - b.offset)
  let end = 0
  for (const fragment of inOrder) {
    if (fragment.offset < end) return { kind: 'broken', why: 'overlapping fragments' }
    if (fragment.offset > end) return { kind: 'pending', assembly }
    end += fragment.data.length
  }
  const last = inOrder.at(-1)
  if (last === undefined || last.hasMore) return { kind: 'pending', assembly }
  return { kind: 'complete', status: last.status, data: Buffer.concat(inOrder.map((f) => f.data)) }
}
