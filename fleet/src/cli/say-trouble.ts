import type { Trouble } from '../api/trouble.ts'
import type { Terminal } from './terminal.ts'

/** For people. A mistake of ours comes with its stack. */
export function sayTrouble(terminal: Terminal, { message, hint, stack }: Trouble): void {
  terminal.say(`timeball: ${message}`)
  if (hint !== null) terminal.say(`    ${hint}`)
  for (const line of stack?.split('\n').slice(1) ?? []) terminal.say(line)
}
