/** What the command line has before it knows which command is wanted. */
import type { Context } from './context.ts'
import type { Terminal } from './terminal.ts'

export interface Shell {
  readonly version: string
  readonly terminal: Terminal
  /** The world of a command: loaded when one runs, so that help and refusals cost next to nothing. */
  open(): Promise<Context>
}

/** A context that is there already. */
export function shellOf(context: Context): Shell {
  const { version, terminal } = context
  return { version, terminal, open: () => Promise.resolve(context) }
}
