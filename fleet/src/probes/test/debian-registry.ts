/** Debian's docker-registry on a port of loopback, with a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface DebianRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  stop(): Promise<void>
}

export interface DebianTraits {
  /** Files; none: it has no TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** The URL of a registry that it fetches from, and keeps what it got: a pull-through mirror. */
  readonly mirrorOf?: string
}

export async function startDebianRegistry(traits: DebianTraits = {}): Promise<DebianRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-registry-'))
  const file = join(folder, 'config.yml')
  const storage = `storage: { filesystem: { rootdirectory: ${JSON.stringify(folder)} } }`
  const { tls, mirrorOf } = traits
  const secured = tls === undefined ? '' : `, tls: ${JSON.stringify(tls)}`
  const proxy = mirrorOf === undefined ? '' : `proxy: { remoteurl: ${JSON.stringify(mirrorOf)} }\n`
  const http = `http: { addr: '127.0.0.1:0'${secured} }`
  await writeFile(file, `version: 0.1\n${http}\n${storage}\n${proxy}`)
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new Error('this test needs docker-registry (Debian package docker-registry)', { cause })
  })
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port === undefined) continue
    child.stderr.resume()
    return {
      host: `127.0.0.1:${port}`,
      async stop() {
        child.kill()
        await ended
        await rm(folder, { recursive: true, force: true })
      },
    }
  }
  throw new Error('docker-registry ended before it listened')
}
