#!/usr/bin/env node
/**
 * The time server. Without arguments it serves until SIGTERM or SIGINT. `prepare FILE` writes ntpd's
 * configuration to FILE and prints the user that ntpd should have: the entry point of the image asks
 * for it. `mcp` speaks MCP over stdin and stdout until stdin ends. Exit 64: a wrong variable or argument; 1: a port or file cannot be had.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { logger } from './log.ts'
import { mcpServer } from './mcp/server.ts'
import { formatNtpConf, type KeysForNtpd } from './ntp-conf.ts'
import { decideNtpdUser } from './ntpd-user.ts'
import { prepareNtpKeys } from './prepare-ntp-keys.ts'
import { serve, startInside } from './serve.ts'
import { readSettings } from './settings.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

const usageExit = 64

async function run(settings: Settings): Promise<void> {
  const log = logger(settings.logLevel, (line) => process.stderr.write(line))
  const server = await serve(settings, log)
  const { httpPort, metricsPort } = server
  log('info', 'time server started', { version, device: settings.device, httpPort, metricsPort })
  const stop = (signal: string): void => {
    log('info', 'time server stops', { signal })
    void server.close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function prepare(settings: Settings, file: string): void {
  writeFileSync(file, formatNtpConf(settings, ntpKeysFor(settings, dirname(file))))
  const user = decideNtpdUser(settings, readFileSync('/proc/self/status', 'utf8'))
  process.stdout.write(`${user}\n`)
}

/** Without keys that can be read it serves those who ask without one, and says so. */
function ntpKeysFor(settings: Settings, folder: string): KeysForNtpd | null {
  if (!settings.authenticatesNtp) return null
  const prepared = prepareNtpKeys(settings, folder)
  if (prepared.ok) return prepared.value
  for (const problem of prepared.failure) process.stderr.write(`time-server: ${problem}\n`)
  return null
}

/** The client's process is trusted as the one who started this: no key is asked for. */
function speakMcp(settings: Settings): void {
  const log = logger(settings.logLevel, (line) => process.stderr.write(line))
  const { answers } = startInside(settings)
  const onerror = (error: Error): void => log('debug', 'mcp failed', { error: error.message })
  const connection = serveStdio(() => mcpServer(answers), { onerror })
  const stop = (): void => void connection.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.stdin.once('end', () => process.exit(0))
}

function end(code: number, problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`time-server: ${problem}\n`)
  process.exit(code)
}

async function main([command, file, ...rest]: readonly string[]): Promise<void> {
  const settings = readSettings(process.env)
  if (!settings.ok) return end(usageExit, settings.failure)
  if (command === undefined) return run(settings.value)
  if (command === 'prepare' && file !== undefined && rest.length === 0) {
    return prepare(settings.value, file)
  }
  if (command === 'mcp' && file === undefined) return speakMcp(settings.value)
  return end(usageExit, ['usage: time-server [prepare FILE | mcp]'])
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  // A port in use is the operator's to solve: a stack would only hide the sentence.
  if (!(error instanceof Error && 'syscall' in error)) throw error
  end(1, [error.message])
}
