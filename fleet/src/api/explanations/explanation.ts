/** What a word of the output means, in the words of somebody who has seen it before. */
export interface Explanation {
  readonly means: string
  /** What is seen of a fleet that is well; `null`: the word itself says it. */
  readonly normal: string | null
  /** `null`: nothing is to be done. */
  readonly next: string | null
}

export function meaning(
  means: string,
  more: { readonly normal?: string; readonly next?: string } = {},
): Explanation {
  return { means, normal: more.normal ?? null, next: more.next ?? null }
}
