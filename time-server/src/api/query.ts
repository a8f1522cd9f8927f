/** The query of a request to the API. A name that nobody knows is refused: it would be a wish unheard. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { failureAnswer } from '../http/answer.ts'
import type { Answer } from '../http/answer.ts'

const noQuery = ok('')
/** Of a client's text as much is said again. */
const longestName = 64

/** The value of the parameter `name`, '' without; `null`: the path takes none. Pure. */
export function readQuery(target: string, name: string | null): Result<string, Answer> {
  const start = target.indexOf('?')
  if (start < 0) return noQuery
  const given = [...new URLSearchParams(target.slice(start).replace(/#.*/, ''))]
  const unknown = given.find(([each]) => each !== name)
  const takes = name === null ? 'none' : `"${name}"`
  if (unknown !== undefined) {
    const said = JSON.stringify(unknown[0].slice(0, longestName))
    return refuse(`${said} is no parameter of this path, which takes ${takes}`)
  }
  const [first, second] = given
  return second === undefined ? ok(first?.[1] ?? '') : refuse(`${takes} is given twice`)
}

function refuse(message: string): Result<string, Answer> {
  return fail(failureAnswer(400, 'unknown-parameter', message))
}
