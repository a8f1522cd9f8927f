/**
 * One question to one minion, as a job of Salt: `cmd.run` of `minion/carry.py`, which answers with
 * a line.
 *
 * INVARIANTS:
 * - whatever Salt does, each question is settled once: of whom nothing was heard is `silent`;
 * - an answer counts by the minion that the master says it is from;
 * - what the event stream did not bring is asked for by the id of the job.
 */
import { createHash } from 'node:crypto'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { z } from 'zod'
import { batches } from './batches.ts'
import { followEvents, type Returned, type Stream } from './follow-events.ts'
import { openQuestion, type AskFailure, type Asking, type Question } from './question.ts'
import type { SaltApi } from './salt-api.ts'

export interface Jobs {
  /** The text of a line of JSON. `withProgram`: the minion may not have it yet. */
  ask(
    id: string,
    content: unknown,
    asking: Asking & { readonly withProgram?: true },
  ): Promise<Result<unknown, AskFailure>>
  close(): void
}

interface Job {
  readonly questions: ReadonlyMap<string, Question>
  lookedUpMs: number
}

/** Of what is returned before we know which job it is of. */
const mostEarly = 2_000
const lookMs = 500
/** How seldom a job is asked for by its id, while events are seen, and while they are not. */
const lookUpMs = { open: 8_000, closed: 1_500 } as const

const publishedSchema = z.union([
  z.object({ jid: z.string(), minions: z.array(z.string()) }),
  z.object({}),
])

export function saltJobs(api: SaltApi, program: string, nowMs: () => number): Jobs {
  const running = new Map<string, Job>()
  let early: Returned[] = []
  let stream: Stream | null = null
  let looking: NodeJS.Timeout | null = null
  const closing = new AbortController()

  function onReturn(returned: Returned): void {
    const question = running.get(returned.jid)?.questions.get(returned.id)
    if (question !== undefined) return question.settle(answerIn(returned.value))
    if (early.push(returned) > 2 * mostEarly) early = early.slice(-mostEarly)
  }

  async function publish(questions: readonly Question[]): Promise<void> {
    stream ??= followEvents(api, onReturn)
    const open = questions.filter(({ isSettled }) => !isSettled())
    if (open.length === 0) return
    const published = await api.command(lowstate(open, program))
    const read = published.ok ? publishedSchema.safeParse(published.value) : null
    if (!published.ok) return settleAll(open, fail(published.failure))
    if (read?.success !== true) {
      return settleAll(open, fail({ kind: 'gone', detail: 'salt-api answers something else' }))
    }
    const { jid, minions } = 'jid' in read.data ? read.data : { jid: '', minions: [] }
    const taken = open.filter(({ id }) => minions.includes(id))
    const job = { questions: new Map(taken.map((each) => [each.id, each])), lookedUpMs: nowMs() }
    settleAll(
      open.filter(({ id }) => !minions.includes(id)),
      fail({ kind: 'unknown', detail: 'the Salt master has no accepted key of it' }),
    )
    running.set(jid, job)
    const known = early.filter((each) => each.jid === jid)
    early = early.filter((each) => each.jid !== jid)
    known.forEach(onReturn)
    looking ??= setInterval(() => {
      const everyMs = stream?.isOpen() === true ? lookUpMs.open : lookUpMs.closed
      void lookUp(running, { api, nowMs, everyMs }, onReturn)
    }, lookMs)
  }

  const send = batches<Question>((questions) => void publish(questions))
  return {
    async ask(id, content, { withProgram = false, patienceMs, signal }) {
      const asking = { patienceMs, signal: AbortSignal.any([signal, closing.signal]) }
      const { question, result } = openQuestion({ id, content, withProgram }, asking)
      send(question)
      return await result
    },
    close() {
      closing.abort()
      if (looking !== null) clearInterval(looking)
      stream?.close()
    },
  }
}

/** What is still waited for, and due, is asked for by the id of its job. */
async function lookUp(
  running: Map<string, Job>,
  { api, nowMs, everyMs }: { api: SaltApi; nowMs: () => number; everyMs: number },
  onReturn: (returned: Returned) => void,
): Promise<void> {
  for (const [jid, job] of running) {
    if (job.questions.values().every(({ isSettled }) => isSettled())) running.delete(jid)
  }
  for (const [jid, job] of running) {
    if (nowMs() - job.lookedUpMs < everyMs) continue
    job.lookedUpMs = nowMs()
    const found = await api.command({ client: 'runner', fun: 'jobs.lookup_jid', kwarg: { jid } })
    job.lookedUpMs = nowMs()
    const returns = found.ok ? z.record(z.string(), z.unknown()).safeParse(found.value) : null
    for (const [id, value] of Object.entries(returns?.data ?? {})) onReturn({ jid, id, value })
  }
}

function settleAll(questions: readonly Question[], result: Result<never, AskFailure>): void {
  for (const { settle } of questions) settle(result)
}

/** Of the minion's own Python; what is asked is on standard input. */
const loader =
  'import base64, json, os, sys; asked = json.load(sys.stdin); ' +
  'path = os.environ.get("TIMEBALL_ROOT", "") + "/run/timeball/salt/" + asked["name"]; ' +
  'text = base64.b64decode(asked["program"]) if "program" in asked else open(path).read() if os.path.exists(path) else None; ' +
  'exec(text) if text else print("timeball " + json.dumps(dict(refused="no session")))'

function lowstate(questions: readonly Question[], program: string): Record<string, unknown> {
  const name = createHash('sha256').update(program).digest('hex').slice(0, 16)
  // Salt makes a line break of each `\n` in standard input, so there are to be no backslashes.
  const encoded = { program: Buffer.from(program).toString('base64') }
  const wanted = questions.some(({ withProgram }) => withProgram) ? encoded : {}
  const messages = Object.fromEntries(questions.map(({ id, content }) => [id, content]))
  return {
    client: 'local_async',
    tgt: questions.map(({ id }) => id),
    tgt_type: 'list',
    fun: 'cmd.run',
    kwarg: {
      cmd: `'{{ grains.pythonexecutable }}' -c '${loader}' '{{ opts.id }}'`,
      stdin: JSON.stringify({ name, ...wanted, for: messages }),
      template: 'jinja',
      python_shell: true,
      // Nothing of it goes into the minion's log.
      output_loglevel: 'quiet',
    },
  }
}

/** What comes before the line is of Python or of Salt. */
function answerIn(value: unknown): Result<unknown, AskFailure> {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const lines = (text ?? '').split('\n')
  const line = lines.findLast((each) => each.startsWith('timeball '))
  try {
    if (line !== undefined) return ok(JSON.parse(line.slice(9)))
  } catch {
    // It was cut off.
  }
  const said = printable(lines.findLast((each) => each.trim() !== '') ?? '', 200)
  return fail({ kind: 'strange', detail: `the minion answers something else: ${said}` })
}
