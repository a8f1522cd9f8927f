/**
 * Counts the steps of a regular expression as a backtracking engine such as V8's takes them. A
 * count is the same on every machine, where a time is not. It throws at what it does not know.
 */
import { RegExpParser, type AST } from '@eslint-community/regexpp'

const parser = new RegExpParser({ ecmaVersion: 2025 })

export function parsePattern({ source, flags }: RegExp): AST.Pattern {
  const unicode = flags.includes('u')
  return parser.parsePattern(source, 0, source.length, { unicode })
}

type Next = (at: number) => boolean
type Matcher = (at: number, next: Next) => boolean

/** Steps that finding all the matches in a text takes; more than `limit` are not counted. */
export type CountSteps = (text: string, limit: number) => number

const tooMany = Symbol('too many steps')

export function stepCounter(regex: RegExp): CountSteps {
  let text = ''
  let steps = 0
  let most = 0

  function step(): void {
    if (++steps > most) throw tooMany
  }

  function choice(alternatives: readonly AST.Alternative[]): Matcher {
    const matchers = alternatives.map(({ elements }) => sequence(elements))
    return (at, next) => matchers.some((matcher) => matcher(at, next))
  }

  function sequence(elements: readonly AST.Element[]): Matcher {
    const matchers = elements.map(element)
    return (start, next) => {
      const from = (index: number, at: number): boolean => {
        const matcher = matchers[index]
        return matcher === undefined ? next(at) : matcher(at, (to) => from(index + 1, to))
      }
      return from(0, start)
    }
  }

  function element(node: AST.Element): Matcher {
    switch (node.type) {
      case 'Character':
      case 'CharacterClass':
      case 'CharacterSet':
        return one(node)
      case 'Group':
      case 'CapturingGroup':
        return choice(node.alternatives)
      case 'Quantifier':
        return repeat(node)
      case 'Assertion':
        return assertion(node)
      case 'Backreference':
      case 'ExpressionCharacterClass':
        throw new Error(`${regex}: ${node.raw} cannot be counted`)
    }
  }

  function one(node: AST.Node): Matcher {
    const takes = takerOf(node, regex)
    return (at, next) => {
      step()
      return at < text.length && takes(text.charAt(at)) && next(at + 1)
    }
  }

  function repeat({ min, max, greedy, element: repeated }: AST.Quantifier): Matcher {
    const body = element(repeated)
    return (start, next) => {
      const turn = (count: number, at: number): boolean => {
        step()
        const again = (): boolean =>
          count < max && body(at, (to) => (to > at || count < min) && turn(count + 1, to))
        if (count < min) return again()
        return greedy ? again() || next(at) : next(at) || again()
      }
      return turn(0, start)
    }
  }

  function assertion(node: AST.Assertion): Matcher {
    if (node.kind === 'lookahead') {
      const ahead = choice(node.alternatives)
      return (at, next) => ahead(at, () => true) !== node.negate && next(at)
    }
    if (node.kind === 'lookbehind') return lookbehind(node)
    const anchor = new RegExp(node.raw, `y${regex.flags.replaceAll(/[gy]/g, '')}`)
    return (at, next) => {
      step()
      anchor.lastIndex = at
      return anchor.test(text) && next(at)
    }
  }

  /** One character and no more: what is behind at any length would have to be matched backwards. */
  function lookbehind(node: AST.LookbehindAssertion): Matcher {
    const behind = choice(node.alternatives)
    return (at, next) => {
      const found = at > 0 && behind(at - 1, (to) => to === at)
      return found !== node.negate && next(at)
    }
  }

  const whole = choice(parsePattern(regex).alternatives)

  function findAll(): void {
    for (let at = 0; at <= text.length;) {
      let end: number | null = null
      whole(at, (to) => {
        end = to
        return true
      })
      if (end !== null && !regex.global) return
      at = Math.max(at + 1, end ?? 0)
    }
  }

  return (given, limit) => {
    text = given
    steps = 0
    most = limit
    try {
      findAll()
    } catch (error) {
      if (error !== tooMany) throw error
    }
    return steps
  }
}

/** Whether a class takes a character, found out once for each. */
function takerOf({ raw }: AST.Node, { flags }: RegExp): (char: string) => boolean {
  const alone = new RegExp(`^(?:${raw})$`, flags.replaceAll(/[gmy]/g, ''))
  const known = new Map<string, boolean>()
  return (char) => {
    const found = known.get(char) ?? alone.test(char)
    known.set(char, found)
    return found
  }
}
