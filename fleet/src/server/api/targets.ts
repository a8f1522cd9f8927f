/** `?q=`: the targets of the command line. */
import { z } from 'zod'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { ApiParts } from './parts.ts'
import type { ProblemText } from './problem.ts'

/** Part of a query. */
export const targets = {
  q: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe('Devices, as after `--limit`: stratum1, pi-*, a:!b, @failed, site=north.'),
}

/** Without a pattern every device is meant. */
export async function selectedBy(
  { select }: Pick<ApiParts, 'select'>,
  pattern: string | undefined,
): Promise<Result<(device: string) => boolean, ProblemText>> {
  if (pattern === undefined) return ok(() => true)
  const selected = await select(pattern)
  if (selected.ok) {
    const names = new Set(selected.value)
    return ok((device) => names.has(device))
  }
  const [first] = selected.failure
  return fail({
    code: 'targets',
    detail: printable(first?.what ?? 'the pattern stands for no device'),
    hint: first?.fix ?? null,
    errors: selected.failure.map(({ what }) => ({ where: 'q', what: printable(what) })),
  })
}
