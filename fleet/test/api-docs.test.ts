/**
 * docs/api.md and docs/openapi.json are made from the routes and schemas of the API. They are written
 * anew with: node fleet/test/api-docs.test.ts --write
 */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { apiPath, documentOf } from '../src/server/api/api-app.ts'
import { anApi } from '../src/server/api/test/parts.ts'
import { roles } from '../src/core/controller/roles.ts'
import { cell } from './json-schema.ts'

const docs = join(import.meta.dirname, '../../docs')
const again = 'write it anew with: node fleet/test/api-docs.test.ts --write'

const parameter = z.object({
  name: z.string(),
  in: z.enum(['query', 'path', 'header']),
  description: z.string().optional(),
  schema: z.looseObject({ default: z.unknown().optional() }).optional(),
})
const operation = z.object({
  'x-role': z.enum(roles),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string().optional(),
  parameters: z.array(parameter).default([]),
  responses: z.record(z.string(), z.object({ description: z.string() })),
})
const pathsSchema = z.record(z.string(), z.record(z.string(), operation))

const document = documentOf(anApi(), '0.1.0')
const paths = pathsSchema.parse(document.paths)

function section(path: string, method: string, told: z.output<typeof operation>): string {
  const rows = told.parameters.map(({ name, in: where, description = '', schema }) => {
    const usual = schema?.default === undefined ? '' : ` Usually ${JSON.stringify(schema.default)}.`
    return `| \`${name}\` | ${where} | ${cell(`${description}${usual}`.trim())} |`
  })
  const table =
    rows.length === 0 ? [] : ['', '| parameter | in | |', '| --- | --- | --- |', ...rows]
  const answers = Object.entries(told.responses)
    .filter(([status]) => !['400', '401', '403', '429'].includes(status))
    .map(([status, { description }]) => `${status}: ${description}`)
  return [
    `### ${method.toUpperCase()} ${path}`,
    `${told.summary}. For ${told['x-role']}s.${told.description === undefined ? '' : ` ${told.description}`}`,
    '',
    ...answers.map((answer) => `- ${answer}`),
    ...table,
    '',
  ].join('\n')
}

const intro = await readFile(join(import.meta.dirname, 'api-intro.md'), 'utf8')
const sections = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, told]) => section(`${apiPath}${path}`, method, told)),
)
const page = `${intro}\n## What can be asked\n${sections.join('\n')}`
const json = `${JSON.stringify(document, null, 2)}\n`

if (process.argv.includes('--write')) {
  await writeFile(join(docs, 'api.md'), page)
  await writeFile(join(docs, 'openapi.json'), json)
}

test('docs/api.md and docs/openapi.json are what the API is now', async () => {
  assert.equal(await readFile(join(docs, 'api.md'), 'utf8'), page, again)
  assert.equal(await readFile(join(docs, 'openapi.json'), 'utf8'), json, again)
})
