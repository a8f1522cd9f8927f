/** The repository that a fleet's files come from, and the folder that they are in. */
import type { Commit } from '../core/git/memory.ts'
import type { Relation, Signature } from '../core/git/judge-commit.ts'
import type { Result } from '@timeball/lib/result.ts'

/** Where the files of a commit can be read without being the fleet's. */
export interface LaidOut {
  /** As after each `-i`. */
  readonly inventory: readonly string[]
  readonly fleet: string
}

/** Every failure is a sentence. Nothing that a commit has is ever run. */
export interface Commits {
  /** The newest commit of the branch. */
  fetch(): Promise<Result<Commit, string>>
  /** Of `newest` to `running`. */
  relation(running: string, newest: string): Promise<Relation>
  signature(commit: string): Promise<Signature>
  /** Lays its files out beside what the folder has and no commit; `running` is what is there now. */
  layOut(commit: string, running: string | null): Promise<Result<LaidOut, string>>
  /** Whether the folder is as the commit says. */
  isInPlace(commit: string): Promise<Result<boolean, string>>
  /**
   * Makes the folder as the commit says. Refused where a file is neither as `running` has it nor as
   * the commit does: somebody works there.
   */
  putInPlace(commit: string, running: string | null): Promise<Result<null, string>>
}
