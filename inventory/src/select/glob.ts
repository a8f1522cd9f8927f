/** Whole-text matching of Python's `fnmatch`: `*`, `?`, `[abc]`, `[!a-c]`; case counts. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const tokens = parseGlob(pattern)
  return (text) => matches(tokens, Array.from(text))
}

type Token = '*' | ((character: string) => boolean)

function parseGlob(pattern: string): Token[] {
  const tokens: Token[] = []
  const characters = Array.from(pattern)
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? ''
    const end = character === '[' ? classEnd(characters, i) : -1
    if (character === '*') tokens.push('*')
    else if (character === '?') tokens.push(() => true)
    else if (end > 0) {
      tokens.push(parseClass(characters.slice(i + 1, end)))
      i = end
    } else tokens.push((other) => other === character)
  }
  return tokens
}

/** The closing bracket; one that comes first in the class is a member of it. */
function classEnd(characters: readonly string[], open: number): number {
  const first = characters[open + 1] === '!' ? open + 2 : open + 1
  return characters.indexOf(']', characters[first] === ']' ? first + 1 : first)
}

function parseClass(body: readonly string[]): Token {
  const isNegated = body[0] === '!'
  const members = isNegated ? body.slice(1) : body
  const ranges: [string, string][] = []
  for (let i = 0; i < members.length; i++) {
    const low = members[i] ?? ''
    const isRange = members[i + 1] === '-' && i + 2 < members.length
    ranges.push([low, isRange ? (members[i + 2] ?? '') : low])
    if (isRange) i += 2
  }
  return (character) =>
    ranges.some(([low, high]) => low <= character && character <= high) !== isNegated
}

/** Returns to the last star only, so that the work is at most pattern times text. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0
  let star = -1
  let starAt = 0
  let at = 0
  while (at < text.length) {
    const current = tokens[token]
    if (current === '*') {
      star = token++
      starAt = at
    } else if (current?.(text[at] ?? '')) {
      token++
      at++
    } else if (star >= 0) {
      token = star + 1
      at = ++starAt
    } else return false
  }
  return tokens.slice(token).every((rest) => rest === '*')
}
