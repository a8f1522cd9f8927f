/** `/api/v1/audit`: who changed what. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { auditLine } from '../../api/records/token-record.ts'
import { parseAuditLine } from '../../core/controller/audit.ts'
import type { ApiEnv } from './env.ts'
import { pageOf, pageQuery } from './page.ts'
import type { ApiParts } from './parts.ts'
import { policy, refusals } from './policy.ts'
import { problem } from './problem.ts'

const listAudit = createRoute({
  ...policy('admin'),
  method: 'get',
  path: '/audit',
  tags: ['audit'],
  summary: 'The audit log, oldest first',
  request: { query: pageQuery },
  responses: {
    ...refusals,
    200: {
      description: 'As `timeball audit list --json`; `after` is the number of a line.',
      content: {
        'application/json': { schema: pageOf(auditLine.meta({ id: 'AuditLine' }), 'AuditPage') },
      },
    },
  },
})

export function addAudit(api: OpenAPIHono<ApiEnv>, { audit }: ApiParts): void {
  api.openapi(listAudit, async (context) => {
    const { limit, after = '0' } = context.req.valid('query')
    if (!/^\d{1,12}$/.test(after)) {
      return problem(context, 400, { code: 'invalid', detail: 'after is the number of a line' })
    }
    const texts = await audit.lines({ after: Number(after), most: limit + 1 })
    const items = texts.slice(0, limit).flatMap((text) => {
      const line = parseAuditLine(text)
      return line === null ? [] : [{ type: 'audit_line' as const, ...line }]
    })
    const next = texts.length > limit ? String(items.at(-1)?.seq ?? after) : null
    return context.json({ items, next }, 200)
  })
}
