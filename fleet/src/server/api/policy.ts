/** What every operation of the API says of itself: who may, and how much it may be sent. */
import { bodyLimit } from 'hono/body-limit'
import type { MiddlewareHandler } from 'hono'
import { mayAct, type Role } from '../../core/controller/roles.ts'
import type { ApiEnv } from './env.ts'
import { problem, problemResponse } from './problem.ts'

/** Of a request, unless an operation says another. */
export const mostBodyBytes = 64 * 1024

/** Part of each `createRoute`; `test/routes` refuses a route without it. */
export function policy(role: Role) {
  const middleware: [MiddlewareHandler<ApiEnv>, MiddlewareHandler<ApiEnv>] = [
    atLeast(role),
    boundedBody,
  ]
  return { 'x-role': role, security: [{ token: [] }], middleware }
}

/** Part of the `responses` of each operation. */
export const refusals = {
  400: problemResponse('The request is not as it should be.'),
  401: problemResponse('A token is needed.'),
  403: problemResponse('The role of the token is not enough.'),
  429: problemResponse('Asked too often.'),
}

function atLeast(role: Role): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const caller = context.get('caller')
    if (mayAct(caller.role, role)) return await next()
    return problem(context, 403, {
      code: 'role',
      detail: `${caller.name} is a ${caller.role}, and this is for ${role}s`,
      hint: `timeball token create NAME --role ${role}`,
    })
  }
}

const boundedBody: MiddlewareHandler<ApiEnv> = bodyLimit({
  maxSize: mostBodyBytes,
  onError: (context) =>
    problem(context, 413, {
      code: 'too-large',
      detail: `a request has at most ${mostBodyBytes} bytes`,
    }),
})
