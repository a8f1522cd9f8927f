import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { startServer } from './test/fake-server.ts'

const docs = await readFile(new URL('../../docs/time-server.md', import.meta.url), 'utf8')

test('the documentation names every path, tool, prompt and metric', async (t) => {
  const { httpPort, metricsPort } = await startServer(t)
  const base = `http://127.0.0.1:${httpPort}`
  const openApi = await (await fetch(`${base}/api/openapi.json`)).text()
  const paths = [...openApi.matchAll(/"(\/api\/[^"]*)":\{"get"/g)].map(([, path = '']) => path)
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${base}/mcp`)))
  t.after(() => client.close())
  const { tools } = await client.listTools()
  const { prompts } = await client.listPrompts()
  const exposition = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const metrics = [...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)
  const names = [...paths, ...tools, ...prompts, ...metrics].map((each) =>
    typeof each === 'string' ? each : each.name,
  )
  assert.ok(names.length > 35)
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\`${RegExp.escape(name)}[\`{]`).test(docs)),
    [],
  )
})
