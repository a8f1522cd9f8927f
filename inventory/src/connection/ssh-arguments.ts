import { type Result, fail, ok } from '@timeball/lib/result.ts'
import type { Mistake } from './rules.ts'
import { splitOption, sshOption } from './ssh-options.ts'

/** What an inventory's arguments for ssh come to. */
export interface SshArguments {
  /** What ssh is to be called with. */
  readonly words: readonly string[]
  /** `ProxyCommand=…`: what ssh runs on this machine. */
  readonly programs: readonly string[]
  /** Files of `-F`: what they say counts as well. */
  readonly configFiles: readonly string[]
  /** What has no effect, because it would weaken the connection. */
  readonly dropped: readonly string[]
}

/** Judges the words after `ssh`, as Ansible's ssh_args and the like have them. */
export function readSshArguments(words: readonly string[]): Result<SshArguments, Mistake> {
  const found: Found = { words: [], programs: [], configFiles: [], dropped: [] }
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const attached = /^-[oFJibBcm]./s.test(word)
    const takesNext = /^-[oFJibBcm]$/.test(word)
    const value = attached ? word.slice(2) : words[index + 1]
    if (takesNext) index++
    const mistake =
      attached || takesNext ? readValue(found, word.slice(0, 2), value) : readFlags(found, word)
    if (mistake !== null) return fail(mistake)
  }
  return ok(found)
}

interface Found {
  readonly words: string[]
  readonly programs: string[]
  readonly configFiles: string[]
  readonly dropped: string[]
}

function readValue(found: Found, letter: string, value: string | undefined): Mistake | null {
  if (value === undefined || value === '') {
    return { what: `has ${letter} without a value`, fix: 'Write what it stands for' }
  }
  if (letter === '-o') return readOption(found, value)
  if (letter === '-J') return readJump(found, value)
  if (letter === '-F' && value !== 'none') found.configFiles.push(value)
  found.words.push(letter, value)
  return null
}

function readOption(found: Found, text: string): Mistake | null {
  const option = splitOption(text)
  if (option === null) return { what: `has the ssh option "${text}"`, fix: 'Write Name=value' }
  const { name, value } = option
  const meaning = sshOption(name)
  switch (meaning.kind) {
    case 'refused':
      return meaning
    case 'quiet':
      return null
    case 'dropped':
      if (!isStrict(name, value)) found.dropped.push(`${name}=${value}`)
      return null
    case 'program':
      if (value !== 'none') found.programs.push(`${name}=${value}`)
      break
    case 'allowed':
      if (name.toLowerCase() === 'proxyjump') return readJump(found, value)
  }
  found.words.push('-o', `${name}=${value}`)
  return null
}

/** What is as safe as it can be needs no word. */
function isStrict(name: string, value: string): boolean {
  return value === (name.toLowerCase() === 'stricthostkeychecking' ? 'yes' : 'no')
}

/** Hosts on the way, each `user@host:port`: ssh makes a command line of its own of them. */
function readJump(found: Found, value: string): Mistake | null {
  if (value !== 'none' && !value.split(',').every((hop) => jumpHost.test(hop))) {
    return { what: `jumps over "${value}", which is no host`, fix: 'Write user@host:port' }
  }
  found.words.push('-o', `ProxyJump=${value}`)
  return null
}

const jumpHost =
  /^(?:ssh:\/\/)?(?:[A-Za-z0-9_][A-Za-z0-9_.+-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.%a-z]+\])(?::[0-9]{1,5})?$/

/** Flags without a value, several in one word. */
function readFlags(found: Found, word: string): Mistake | null {
  if (!/^-[A-Za-z0-9]+$/.test(word)) {
    return { what: `has "${word}", which is no option`, fix: 'Write only options of ssh' }
  }
  const flags = Array.from(word.slice(1))
  const refused = flags.find((flag) => !'46CkqAXYaxtTv'.includes(flag))
  if (refused !== undefined) {
    const variable = new Map([
      ['l', 'Write it as ansible_user'],
      ['p', 'Write it as ansible_port'],
    ]).get(refused)
    const what = `has the ssh option -${refused}, which is not allowed`
    return { what, fix: variable ?? 'Leave it out' }
  }
  for (const flag of flags) {
    if ('46Ck'.includes(flag)) found.words.push(`-${flag}`)
    if ('AXY'.includes(flag)) found.dropped.push(`-${flag}`)
  }
  return null
}
