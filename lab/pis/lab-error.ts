import { fail, ok, type Result } from '@timeball/lib/result.ts'

/** An expected failure of the lab: something missing or refused on this machine. */
export class LabError extends Error {
  override readonly name = 'LabError'
}

/** Says what was wrong, as text for the operator. */
export interface LabFailure {
  readonly detail: string
}

/** The outer edge of every command: a `LabError` becomes a value, a bug stays an exception. */
export async function caught<T>(work: () => Promise<T>): Promise<Result<T, LabFailure>> {
  try {
    return ok(await work())
  } catch (error) {
    if (error instanceof LabError) return fail({ detail: error.message })
    throw error
  }
}
