/** With which code the program ends, by what happened to it besides its work. */
import { exitCodes } from '../api/exit-codes.ts'
import type { Loss } from './output.ts'

export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type EndingSignal = (typeof endingSignals)[number]

export interface Happened {
  /** What the command says. */
  readonly exit: number
  /** The last of the signals that asked it to end; `null`: none did. */
  readonly signal: EndingSignal | null
  /** What became of stdout; `null`: all was written. stderr never matters. */
  readonly stdout: Loss | null
  /** A command that only looks has left nothing undone when its reader leaves. */
  readonly isReading: boolean
}

/** 128 and the number of the signal, as shells have it. */
const codes = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hungUp,
}

export function endingOf({ exit, signal, stdout, isReading }: Happened): number {
  const isInterrupted = exit === exitCodes.interrupted
  const isGood = exit === exitCodes.done || exit === exitCodes.differences
  if (stdout?.kind === 'broken' && (isGood || isInterrupted)) return exitCodes.failed
  if (isInterrupted && signal !== null) return codes[signal]
  if (isInterrupted && stdout?.kind === 'gone' && isReading) return exitCodes.done
  return exit
}
