/** `.timeball/git.json`: which commit the fleet's files are, and what became of the newest one. */
import { z } from 'zod'

export const gitFile = 'git.json'

const commit = z.object({
  /** 40 or 64 hex digits. */
  id: z.string().regex(/^[0-9a-f]{40,64}$/),
  /** Printable, as are the others. */
  author: z.string(),
  subject: z.string(),
  at_unix_ms: z.number(),
})

const newest = z.object({
  commit,
  /**
   * `pending`: it waits, for an approval or for a better time; `moving`: its rollout runs; `refused`:
   * it is not taken; `taken_back`: its rollout failed, and it is not taken again.
   */
  state: z.enum(['pending', 'moving', 'refused', 'taken_back']),
  why: z.string(),
  /** Of what it would change; `null`: not known. */
  plan: z.string().nullable(),
  checked_unix_ms: z.number(),
})

const schema = z.object({
  version: z.literal(1),
  /** What the files of the fleet are; `null`: no commit was taken yet. */
  running: commit.nullable(),
  /** `null`: it is the one that runs. */
  newest: newest.nullable(),
  /** When the remote last answered; `null`: never. */
  fetched_unix_ms: z.number().nullable(),
  /** Why it does not answer; `null`: it does. */
  trouble: z.string().nullable(),
})

export type Commit = z.output<typeof commit>
export type NewestCommit = z.output<typeof newest>
export type GitMemory = z.output<typeof schema>

export const nothingTaken: GitMemory = {
  ...{ version: 1, running: null, newest: null, fetched_unix_ms: null, trouble: null },
}

/** One that is damaged knows nothing: the files are compared with the newest commit. */
export function parseGitMemory(text: string): GitMemory {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? nothingTaken
  } catch {
    return nothingTaken
  }
}

export function formatGitMemory(memory: GitMemory): string {
  return `${JSON.stringify(memory, null, 2)}\n`
}

/** As it is shown, and typed. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}
