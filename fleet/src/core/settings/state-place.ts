/** `state:` of `fleet.yaml`: the name of a store, or the URL of a database. */
import { z } from 'zod'
import { stateNames } from './adapter-names.ts'

const postgresUrl = /^postgres(?:ql)?:\/\/(?<login>[^\s/?#@]*@)?[^\s/?#@]*\/[^\s/?#]+(?:\?\S*)?$/

export const statePlace = z
  .string()
  .check((context) => {
    const { value: input } = context
    const mistake = mistakeIn(input)
    if (mistake === 'name') {
      context.issues.push({ code: 'invalid_value', values: [...stateNames], input })
    } else if (mistake !== null) {
      context.issues.push({ code: 'custom', message: mistake, input })
    }
  })
  .default('sqlite')
  .describe('Where rollouts and samples are kept: sqlite, memory, or postgres://HOST/DATABASE.')

/** `null`: it will do; `name`: it is none of the names. */
function mistakeIn(text: string): string | null {
  if (stateNames.some((name) => name === text)) return null
  if (!/^postgres/i.test(text)) return 'name'
  const found = postgresUrl.exec(text)
  if (found === null) return 'postgres://USER@HOST/DATABASE is wanted'
  const hasPassword = /:/.test(found.groups?.['login'] ?? '') || /[?&]password=/i.test(text)
  return hasPassword ? 'the password is left to the variable PGPASSWORD' : null
}
