/**
 * The applier, put together from its parts in `device/applier/`: one program with what a mode needs
 * and no more. The texts are passed in, since reading them is an effect.
 */

import { sha256Hex } from '../hash/sha256.ts'

/** In the order in which a program has them. */
export const applierParts = [
  'begin',
  'report',
  'manifest',
  'state',
  'keep',
  'enter',
  'look',
  'secrets',
  'kept-secrets',
  'mask',
  'quick',
  'observe',
  'observe-files',
  'pull',
  'containers',
  'remove',
  'aside',
  'compare',
  'stage',
  'packages',
  'compose',
  'prove',
  'undo',
  'change',
  'go-back',
  'way-back',
  'confirm',
  'shadow',
  'reboot',
  'reseat',
  'retire',
  'main',
  'ask',
] as const
export type ApplierPart = (typeof applierParts)[number]

/** The file of a part: shell, but for what asks, which is a program of its own. */
export function partFile(part: ApplierPart): string {
  return part === 'ask' ? 'ask.pl' : `${part}.sh`
}

const base: readonly ApplierPart[] = ['begin', 'report', 'manifest', 'state', 'main']
const entering: readonly ApplierPart[] = [...base, 'keep', 'enter']

const running: readonly ApplierPart[] = [
  ...entering,
  'look',
  'secrets',
  'pull',
  'containers',
  'remove',
]

/** It stays on the device, for the timer and the next boot. */
const changing: readonly ApplierPart[] = [
  ...running,
  'kept-secrets',
  'aside',
  'compare',
  'stage',
  'packages',
  'compose',
  'prove',
  'undo',
  'change',
  'go-back',
  'way-back',
]

const shadowing: readonly ApplierPart[] = [...running, 'shadow']

const programs = {
  observe: [...base, 'look', 'secrets', 'mask', 'quick', 'observe', 'observe-files'],
  apply: changing,
  activate: changing,
  revert: changing,
  confirm: [...entering, 'remove', 'secrets', 'kept-secrets', 'confirm'],
  'shadow-up': shadowing,
  'shadow-down': shadowing,
  reboot: [...entering, 'reboot'],
  reseat: [...entering, 'reseat'],
  ask: ['ask'],
  retire: [...entering, 'look', 'secrets', 'containers', 'remove', 'compose', 'retire'],
} as const satisfies Readonly<Record<string, readonly ApplierPart[]>>

/** What a bundle can ask of a device. */
export type Mode = keyof typeof programs

export function isMode(text: string): text is Mode {
  return Object.hasOwn(programs, text)
}

export const modes: readonly Mode[] = Object.keys(programs).filter((name) => isMode(name))

export interface Program {
  readonly text: string
  /** sha256 of the text. */
  readonly digest: string
}

/** Gives the program that carries out a mode. */
export type Applier = (mode: Mode) => Program

/** `parts` has the text of each. */
export function applierOf(parts: ReadonlyMap<ApplierPart, string>): Applier {
  const made = new Map<Mode, Program>()
  return (mode) => {
    const needed: ReadonlySet<ApplierPart> = new Set(programs[mode])
    const known = made.get(mode)
    if (known !== undefined) return known
    const text = applierParts
      .filter((name) => needed.has(name))
      .map((name) => parts.get(name) ?? '')
      .join('\n')
    const program = { text, digest: sha256Hex(text) }
    made.set(mode, program)
    return program
  }
}
