/** Texts on which a regular expression would be slow, made out of the expression itself. */
import type { AST } from '@eslint-community/regexpp'
import { parsePattern } from './regex-steps.ts'

/** A start, what is repeated after it, and an end that spoils the match. */
export interface Hostile {
  readonly start: string
  readonly pump: string
  readonly end: string
}

/** In this order, so that classes which overlap are given the same character. */
const probes = Array.from('a0 .:-/="_A,@#%?!$&|\\\'`^~+*<>()[]{}\t\n;é')
const ends = ['', '\n', '\u0000', '!a0']

export function hostileTexts(regex: RegExp): Hostile[] {
  const { starts, pumps } = piecesOf(regex)
  return [...starts].flatMap((start) =>
    [...pumps].flatMap((pump) => ends.map((end) => ({ start, pump, end }))),
  )
}

export function textOf({ start, pump, end }: Hostile, length: number): string {
  return `${start}${pump.repeat(Math.ceil(length / pump.length))}${end}`
}

/** Pumps are all runs of elements, and single characters; starts are what leads to them. */
function piecesOf(regex: RegExp): { starts: Set<string>; pumps: Set<string> } {
  const starts = new Set([''])
  const pumps = new Set<string>()
  const visit = (alternatives: readonly AST.Alternative[], before: string): void => {
    for (const { elements } of alternatives) {
      const samples = elements.map((element) => sampleOf(element, regex))
      const cuts = elements.flatMap(({ type }, index) =>
        type === 'Quantifier' ? [index, index + 1] : [],
      )
      const places = [...new Set([0, ...cuts, elements.length])]
      for (const place of places) {
        starts.add(before + samples.slice(0, place).join(''))
        for (const end of places) pumps.add(samples.slice(place, end).join(''))
      }
      elements.forEach((element, index) => {
        const start = before + samples.slice(0, index).join('')
        const inner = element.type === 'Quantifier' ? element.element : element
        if ('alternatives' in inner) visit(inner.alternatives, start)
        for (const char of charsOf(inner, regex).slice(0, 4)) pumps.add(char)
      })
    }
  }
  visit(parsePattern(regex).alternatives, '')
  pumps.delete('')
  return { starts, pumps }
}

/** A short text that the element matches; empty where none is known. */
function sampleOf(element: AST.Element, regex: RegExp): string {
  if (element.type === 'Character') return String.fromCodePoint(element.value)
  if (element.type === 'Group' || element.type === 'CapturingGroup') {
    const elements = element.alternatives[0]?.elements ?? []
    return elements.map((each) => sampleOf(each, regex)).join('')
  }
  if (element.type === 'Quantifier') {
    return sampleOf(element.element, regex).repeat(Math.max(1, Math.min(element.min, 64)))
  }
  return charsOf(element, regex)[0] ?? ''
}

function charsOf({ type, raw }: AST.Element, { flags }: RegExp): string[] {
  if (type !== 'CharacterClass' && type !== 'CharacterSet') return []
  const alone = new RegExp(`^(?:${raw})$`, flags.replaceAll(/[gmy]/g, ''))
  return probes.filter((char) => alone.test(char))
}
