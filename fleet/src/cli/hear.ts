/** A context in which a command runs unseen: what it says is heard. */
import type { Context, FleetOptions } from './context.ts'

export interface Unseen {
  readonly context: Context
  /** Every line, for the screen and for people. */
  readonly lines: readonly string[]
}

export function unseen(context: Context): Unseen {
  const lines: string[] = []
  const hear = (line: string): void => void lines.push(line)
  const terminal = {
    ...context.terminal,
    ...{ out: hear, say: hear, outStyled() {}, progress() {}, clear() {} },
    ...{ confirm: nobody, askHidden: nobody, readHidden: nobody },
    ...{ width: null, color: false, isInteractive: false },
  }
  return { context: { ...context, terminal }, lines }
}

function nobody(): Promise<null> {
  return Promise.resolve(null)
}

/** What a command says last of the whole; what is indented belongs to it. */
export function lastSaid(lines: readonly string[]): string {
  const sums = lines.filter((line) => line !== '' && !line.startsWith(' '))
  return (sums.at(-1) ?? '').replace(/^timeball: /, '')
}

/** Which files a fleet is in, of the options of another command. */
export function filesOf({
  inventory,
  fleet,
  vaultPasswordFile,
  untrusted,
}: FleetOptions): FleetOptions {
  return {
    ...(inventory === undefined ? {} : { inventory }),
    ...(fleet === undefined ? {} : { fleet }),
    ...(vaultPasswordFile === undefined ? {} : { vaultPasswordFile }),
    ...(untrusted === undefined ? {} : { untrusted }),
  }
}
