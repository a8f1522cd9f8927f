/** Lists in pages: `next` is the cursor of the page after this one. */
import { z } from 'zod'

export const mostPerPage = 500

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(mostPerPage).default(100).describe('How many at most.'),
  after: z.string().max(512).optional().describe('`next` of the page before.'),
})

export function pageShape<T extends z.ZodType>(item: T) {
  return {
    items: z.array(item).readonly(),
    next: z.string().nullable().describe('For `after`; null: this is the last page.'),
  }
}

export function pageOf<T extends z.ZodType>(item: T, name: string) {
  return z.strictObject(pageShape(item)).meta({ id: name })
}

export interface PageQuery {
  readonly limit: number
  readonly after?: string | undefined
}

/**
 * A page of what is in memory, in the order of its keys. The cursor is the key of the last item:
 * what is added or removed meanwhile shifts nothing.
 */
export function pageAfter<T>(
  items: readonly T[],
  { limit, after }: PageQuery,
  { keyOf, order }: { readonly keyOf: (item: T) => string; readonly order: 'up' | 'down' },
): { readonly items: readonly T[]; readonly next: string | null } {
  const isBehind = (item: T): boolean =>
    after === undefined || (order === 'up' ? keyOf(item) > after : keyOf(item) < after)
  const rest = items.filter(isBehind).toSorted((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)]
    const rank = a < b ? -1 : 1
    return order === 'up' ? rank : -rank
  })
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { items: page, next: last === undefined || rest.length <= limit ? null : keyOf(last) }
}
