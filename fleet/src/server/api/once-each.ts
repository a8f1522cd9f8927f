/** Requests that come again, since an answer was lost on its way (draft-ietf-httpapi-idempotency-key). */

export interface OnceEach<A> {
  /** The answer that was given; `null`: there was none; `another`: to another request. */
  find(key: string | undefined, request: unknown): A | null | 'another'
  keep(key: string | undefined, request: unknown, answer: A): void
}

/** So many of the newest are remembered, until the process ends. */
const kept = 1_000

export function onceEach<A>(): OnceEach<A> {
  const answers = new Map<string, { readonly request: string; readonly answer: A }>()
  return {
    find(key, request) {
      const known = key === undefined ? undefined : answers.get(key)
      if (known === undefined) return null
      return known.request === JSON.stringify(request) ? known.answer : 'another'
    },
    keep(key, request, answer) {
      if (key === undefined) return
      answers.set(key, { request: JSON.stringify(request), answer })
      const [oldest] = answers.keys()
      if (answers.size > kept && oldest !== undefined) answers.delete(oldest)
    },
  }
}
