/** What the command line has before it knows which command is wanted. */
import type { Problem } from '@timeball/lib/problem.ts'
import type { Context } from './context.ts'
import type { Environment } from './global-options.ts'
import type { Terminal } from './terminal.ts'

export interface Shell {
  readonly version: string
  readonly terminal: Terminal
  readonly environment: Environment
  /** From now on paths are relative to it. `null`: done. */
  enterFolder(path: string): Problem | null
  /** The world of a command: loaded when one runs, so that help and refusals cost next to nothing. */
  open(): Promise<Context>
}

/** A context that is there already. */
export function shellOf(context: Context): Shell {
  const { version, terminal } = context
  return {
    ...{ version, terminal, environment: {} },
    enterFolder: () => null,
    open: () => Promise.resolve(context),
  }
}
