/** The page: three files, the same for everybody. What it shows it asks of the API, with a token. */
import type { Hono } from 'hono'
import type { ApiEnv } from './api/env.ts'
import { jsonAnswer } from './json-answer.ts'

const files = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.js': { name: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page.css': { name: 'page.css', type: 'text/css; charset=utf-8' },
} as const

export const pagePaths = Object.keys(files)

export type PageFile = (typeof files)[keyof typeof files]['name']

/** Nothing of other origins, nothing inline, no frames, no forms that leave. */
const contentSecurity = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
].join('; ')

/** `read`: `null` where the program runs without its page. */
export function addPage(app: Hono<ApiEnv>, read: (name: PageFile) => Promise<string | null>): void {
  for (const [path, { name, type }] of Object.entries(files)) {
    app.get(path, async (context) => {
      const text = await read(name)
      if (text === null) {
        return jsonAnswer(context, 404, { error: 'not-found', message: 'this program has no page' })
      }
      const headers = { 'content-type': type, 'content-security-policy': contentSecurity }
      return context.body(text, 200, headers)
    })
  }
}
