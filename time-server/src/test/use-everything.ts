/** Uses all that a time server offers over MCP. Only for tests. */
import assert from 'node:assert/strict'
import type { Client } from '@modelcontextprotocol/client'

/** What each tool is called with. */
export const calls: Readonly<Record<string, Record<string, unknown>>> = {
  get_time: {},
  get_unix_time: {},
  get_nanos: {},
  get_time_formatted: { format: '%Y-%m-%d %H:%M:%S.%3N %Z', timezone: 'Europe/Berlin' },
  get_time_with_timezone: { timezone: 'Asia/Tokyo' },
  list_timezones: { filter: 'berlin' },
  convert_time: {
    time: '2026-03-29T02:30',
    source_timezone: 'Europe/Berlin',
    target_timezone: 'UTC',
  },
  get_ntp_status: {},
  get_ntp_peers: {},
  get_time_uncertainty: {},
  get_leap_second_status: {},
  get_gps_status: {},
}
const prompts: Readonly<Record<string, Record<string, string>>> = {
  time: {},
  unix_time: {},
  time_in: { timezone: 'Europe/Berlin' },
  format_time: { format: '%H:%M' },
}

export function assertObject(value: unknown): asserts value is Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null)
}

/** Calls every tool and prompt; answers what each tool said. Rejects when anything is amiss. */
export async function useEverything(client: Client): Promise<ReadonlyMap<string, unknown>> {
  const { tools } = await client.listTools()
  assert.deepEqual(tools.map((tool) => tool.name).toSorted(), Object.keys(calls).toSorted())
  const said = new Map<string, unknown>()
  for (const tool of tools) {
    assert.equal(tool.annotations?.readOnlyHint, true, tool.name)
    assert.ok(tool.outputSchema !== undefined && (tool.description ?? '') !== '', tool.name)
    // The client checks the structured answer against the tool's output schema.
    const answer = await client.callTool({ name: tool.name, arguments: calls[tool.name] ?? {} })
    assert.notEqual(answer.isError, true, `${tool.name}: ${JSON.stringify(answer.content)}`)
    assertObject(answer.structuredContent)
    said.set(tool.name, answer.structuredContent)
  }
  const listed = await client.listPrompts()
  assert.deepEqual(
    listed.prompts.map((prompt) => prompt.name).toSorted(),
    Object.keys(prompts).toSorted(),
  )
  for (const [name, argv] of Object.entries(prompts)) {
    const { messages } = await client.getPrompt({ name, arguments: argv })
    assert.match(JSON.stringify(messages), /The time server says: \{/)
  }
  return said
}
