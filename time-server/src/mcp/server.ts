/** The MCP server: its tools only read, and answer what the HTTP API answers. */
import { McpServer } from '@modelcontextprotocol/server'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Result } from '@timeball/lib/result.ts'
import type { Answers } from '../api/answers.ts'
import {
  conversionSchema,
  formattedSchema,
  gpsStatusSchema,
  leapStatusSchema,
  nanosSchema,
  ntpPeersSchema,
  ntpStatusSchema,
  timeSchema,
  timezonesSchema,
  uncertaintySchema,
  unixSchema,
} from '../api/schemas.ts'
import { version } from '../version.ts'
import { registerPrompts } from './prompts.ts'

const zone = z.string().max(64).describe('IANA name such as Europe/Berlin, or an offset as +02:00')
const format = z.string().max(256).describe('strftime, such as %Y-%m-%d %H:%M:%S')
const nothing = z.object({})
const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
}
const instructions =
  'The time of a server whose clock follows GPS or NTP. Every time says how far from UTC it can be; when that is null, the reason stands beside it: tell it to the user instead of a false certainty.'

/** A server for one request at a time, or one connection, without a state of its own. */
export function mcpServer(answers: Answers): McpServer {
  const server = new McpServer({ name: 'timeball-time-server', version }, { instructions })
  registerTimeTools(server, answers)
  registerZoneTools(server, answers)
  registerStatusTools(server, answers)
  registerPrompts(server, answers)
  return server
}

function registerTimeTools(server: McpServer, answers: Answers): void {
  server.registerTool(
    'get_time',
    {
      title: 'Time in UTC',
      description: 'The time in UTC with its uncertainty and source',
      inputSchema: nothing,
      outputSchema: timeSchema,
      annotations,
    },
    async () => toolSuccess(await answers.utc()),
  )
  server.registerTool(
    'get_unix_time',
    {
      title: 'Unix time',
      description: 'Seconds and nanoseconds since 1970-01-01 UTC, with their uncertainty',
      inputSchema: nothing,
      outputSchema: unixSchema,
      annotations,
    },
    async () => toolSuccess(await answers.unix()),
  )
  server.registerTool(
    'get_nanos',
    {
      title: 'Nanoseconds',
      description: 'Nanoseconds since 1970-01-01 UTC as text, with their uncertainty',
      inputSchema: nothing,
      outputSchema: nanosSchema,
      annotations,
    },
    async () => toolSuccess(await answers.nanos()),
  )
  server.registerTool(
    'get_time_uncertainty',
    {
      title: 'Uncertainty of the time',
      description:
        'How far from UTC the time of this server can be: root delay / 2 + root dispersion, growing with age',
      inputSchema: nothing,
      outputSchema: uncertaintySchema,
      annotations,
    },
    async () => toolSuccess(await answers.uncertainty()),
  )
}

function registerZoneTools(server: McpServer, answers: Answers): void {
  server.registerTool(
    'get_time_formatted',
    {
      title: 'Time in a format',
      description: 'The time written by a strftime format, in UTC or another time zone',
      inputSchema: z.object({ format, timezone: zone.default('UTC') }),
      outputSchema: formattedSchema,
      annotations,
    },
    async ({ format, timezone }) => toolResult(await answers.formatted(format, timezone)),
  )
  server.registerTool(
    'get_time_with_timezone',
    {
      title: 'Time in a time zone',
      description: 'The time on the wall clocks of a time zone',
      inputSchema: z.object({ timezone: zone }),
      outputSchema: timeSchema,
      annotations,
    },
    async ({ timezone }) => toolResult(await answers.time(timezone)),
  )
  server.registerTool(
    'list_timezones',
    {
      title: 'Time zones',
      description: 'The names of the IANA time zones, all or those with a text in them',
      inputSchema: z.object({ filter: z.string().max(64).default('') }),
      outputSchema: timezonesSchema,
      annotations,
    },
    ({ filter }) => toolSuccess(answers.timezones(filter)),
  )
  server.registerTool(
    'convert_time',
    {
      title: 'Convert a time',
      description:
        'What the clocks of one time zone show at a time of another; says when clocks skip or repeat it',
      inputSchema: z.object({
        time: z.string().max(64).describe('14:30 (today) or 2026-03-29T14:30:00'),
        source_timezone: zone,
        target_timezone: zone,
      }),
      outputSchema: conversionSchema,
      annotations,
    },
    ({ time, source_timezone: from, target_timezone: to }) =>
      toolResult(answers.convert({ time, from, to })),
  )
}

function registerStatusTools(server: McpServer, answers: Answers): void {
  server.registerTool(
    'get_ntp_status',
    {
      title: 'NTP status',
      description: 'Whether the clock is in step, with stratum, offset, root delay and the reasons',
      inputSchema: nothing,
      outputSchema: ntpStatusSchema,
      annotations,
    },
    async () => toolSuccess(await answers.ntpStatus()),
  )
  server.registerTool(
    'get_ntp_peers',
    {
      title: 'NTP sources',
      description: 'The sources of the NTP daemon: which is followed, which are false',
      inputSchema: nothing,
      outputSchema: ntpPeersSchema,
      annotations,
    },
    async () => toolSuccess(await answers.ntpPeers()),
  )
  server.registerTool(
    'get_leap_second_status',
    {
      title: 'Leap seconds',
      description: 'TAI − UTC, the next announced leap second, and whether the list is still valid',
      inputSchema: nothing,
      outputSchema: leapStatusSchema,
      annotations,
    },
    async () => toolSuccess(await answers.leapStatus()),
  )
  server.registerTool(
    'get_gps_status',
    {
      title: 'GPS status',
      description: 'Fix, satellites, dilution and pulse of the GPS receiver',
      inputSchema: nothing,
      outputSchema: gpsStatusSchema,
      annotations,
    },
    async () => toolSuccess(await answers.gpsStatus()),
  )
}

type Structured = Readonly<Record<string, unknown>>

function toolSuccess(value: Structured): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value }
}

function toolResult(result: Result<Structured, string>): CallToolResult {
  if (result.ok) return toolSuccess(result.value)
  return { content: [{ type: 'text', text: result.failure }], isError: true }
}
