/** The command line against an embedded fleet, in this process: every word it says is recorded. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EmbeddedFleet } from '@timeball/lab/embedded/start.ts'
import type { Context } from '../../src/cli/context.ts'
import { runProgram } from '../../src/cli/program.ts'
import { shellOf } from '../../src/cli/shell.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { createContext } from '../../src/main/context.ts'
import type { Environment } from '../../src/stores/registry.ts'

export interface Ended {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

export interface Hooks {
  /** Called with each line for stderr, before anything goes on: `pi-gps-01: applying`. */
  readonly onSay?: (line: string) => void
  /** Called in each pause between two attempts; the pauses are short here. */
  readonly onWait?: () => void
  readonly environment?: Environment
  /** What a person would answer; `null`: nobody is there. */
  readonly answer?: boolean | null
  readonly stop?: AbortSignal
  readonly abort?: AbortSignal
}

export interface Controller {
  run(words: string, hooks?: Hooks): Promise<Ended>
  /** From now on a connection that is kept for later commands is not used. */
  forgetConnections(): Promise<void>
  /** Replaces `before` by `after` in a file of the fleet; it has to be there. */
  edit(file: 'inventory' | 'settings' | 'known_hosts', before: string, after: string): Promise<void>
}

/** All of it is in every apply, and must not be in anything that anybody can see. */
export const canary = 'canary-5f1e2d3c4b5a'

/** Settings of a fleet whose rollouts wait for little; `gates` are more of those. */
export function hurriedRollouts(gates = ''): string {
  return `apply: { confirm_timeout: 60s, settle_timeout: 30s }
rollout:
  interval: 1s
  min_healthy_time: 1s
  healthy_deadline: 60s
  progress_deadline: 120s
  canary: { soak: 1s }
  gates: { min_reach: 1${gates} }
health: { max_offset_ms: 100 }
`
}

/** `settings` are lines that are added to the fleet.yaml of the embedded fleet. */
export async function controllerOf(
  embedded: EmbeddedFleet,
  settings: string = quickSettings,
): Promise<Controller> {
  const files = {
    inventory: embedded.inventoryPath,
    settings: embedded.fleetYamlPath,
    known_hosts: embedded.knownHostsFile,
  }
  const written = await readFile(files.settings, 'utf8')
  await writeFile(
    files.settings,
    `${written.replace('ssh:\n', 'ssh:\n  connect_timeout: 5s\n  keep_alive: 20s\n')}${settings}`,
  )
  let sockets = 0
  const socketFolder = (): string => join(dirname(files.settings), `s${sockets}`)
  await mkdir(socketFolder(), { recursive: true })
  return {
    run: (words, hooks = {}) => runOnce(files, socketFolder(), words, hooks),
    async forgetConnections() {
      sockets += 1
      await mkdir(socketFolder(), { recursive: true })
    },
    async edit(file, before, after) {
      const text = await readFile(files[file], 'utf8')
      assert.ok(text.includes(before), `${file} has no ${before}`)
      await writeFile(files[file], text.replace(before, after))
    },
  }
}

/** Bounds, not waits: what works does not come near them. */
const quickSettings = 'apply:\n  confirm_timeout: 60s\n  settle_timeout: 30s\n'

async function runOnce(
  files: { readonly inventory: string; readonly settings: string },
  sockets: string,
  words: string,
  hooks: Hooks,
): Promise<Ended> {
  const never = new AbortController().signal
  const out: string[] = []
  const err: string[] = []
  const context = createContext({
    version: '0.0.0-test',
    terminal: recorder(out, err, hooks),
    stop: hooks.stop ?? never,
    abort: hooks.abort ?? never,
    environment: { API_KEY_1: canary, XDG_RUNTIME_DIR: sockets, ...hooks.environment },
  })
  const [own = '', ...rest] = words.split(/ (?=-- )/)
  const argv = [own, `-i ${files.inventory}`, ...rest].flatMap((part) => part.split(' '))
  const exit = await runProgram(argv, shellOf(hurried(context, hooks)), nobody)
  const ended = { exit, stdout: out.join('\n'), stderr: err.join('\n') }
  for (const text of [ended.stdout, ended.stderr]) assert.ok(!text.includes(canary), text)
  return ended
}

/** The pauses between attempts are 50 times shorter. */
function hurried(context: Context, { onWait }: Hooks): Context {
  return {
    ...context,
    async openOutside(loaded, options) {
      const outside = await context.openOutside(loaded, options)
      return {
        ...outside,
        wait(ms, signal) {
          onWait?.()
          return outside.wait(ms / 50, signal)
        },
      }
    },
  }
}

/** It hides nothing: what a command writes has to be clean before any redactor sees it. */
function recorder(out: string[], err: string[], { onSay, answer = null }: Hooks): Terminal {
  return {
    color: false,
    width: null,
    isInteractive: false,
    out: (line) => void out.push(line),
    say(line) {
      err.push(line)
      onSay?.(line)
    },
    outStyled: (lines) => void out.push(...lines.map(({ text }) => text)),
    progress() {},
    clear() {},
    hide() {},
    confirm: () => Promise.resolve(answer),
    askHidden: () => Promise.resolve(null),
    readHidden: () => Promise.resolve(null),
  }
}

const nobody = {
  demo: () => Promise.resolve(1),
  lab: () => Promise.resolve(1),
}
