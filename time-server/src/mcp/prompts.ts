/** The prompts: each puts the answer of this moment before the model. */
import type { GetPromptResult, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Answers } from '../api/answers.ts'

/** Registers `time`, `unix_time`, `time_in` and `format_time`. */
export function registerPrompts(server: McpServer, answers: Answers): void {
  server.registerPrompt(
    'time',
    { title: 'What time is it?', description: 'The time in UTC, and how sure that is' },
    async () =>
      prompt('What time is it in UTC, and how sure is that?', {
        ok: true,
        value: await answers.utc(),
      }),
  )
  server.registerPrompt(
    'unix_time',
    { title: 'What is the Unix time?', description: 'Seconds since 1970, and how sure that is' },
    async () => prompt('What is the Unix time now?', { ok: true, value: await answers.unix() }),
  )
  server.registerPrompt(
    'time_in',
    {
      title: 'What time is it there?',
      description: 'The time in a time zone',
      argsSchema: z.object({ timezone: z.string().max(64) }),
    },
    async ({ timezone }) => prompt(`What time is it in ${timezone}?`, await answers.time(timezone)),
  )
  server.registerPrompt(
    'format_time',
    {
      title: 'Write the time',
      description: 'The time by a strftime format',
      argsSchema: z.object({
        format: z.string().max(256),
        timezone: z.string().max(64).optional(),
      }),
    },
    async ({ format, timezone = 'UTC' }) =>
      prompt(`Write the time as ${format}.`, await answers.formatted(format, timezone)),
  )
}

type Outcome =
  | { readonly ok: true; readonly value: object }
  | { readonly ok: false; readonly failure: string }

function prompt(question: string, outcome: Outcome): GetPromptResult {
  const facts = outcome.ok ? JSON.stringify(outcome.value) : `It cannot be told: ${outcome.failure}`
  const text = `${question}\n\nThe time server says: ${facts}`
  return { messages: [{ role: 'user', content: { type: 'text', text } }] }
}
