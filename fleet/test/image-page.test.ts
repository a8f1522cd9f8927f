/** docs/images.md: what it shows of pushing and signing works, with a registry of this machine. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startRegistry } from '../src/probes/images/test/writable-registry.ts'
import { startSigstore, tokenOf } from '../src/probes/signatures/test/sigstore.ts'
import { keepImage } from '../src/stores/images/test/keep-image.ts'
import { one } from './fleet-files.ts'
import { runTimeball } from './run-program.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/images.md'), 'utf8')
const blocks = [...page.matchAll(/^```\n([^]*?)^```/gm)].map(([, code = '']) => code)
// Building needs Docker: it is what `lab/carried-image.real.test.ts` begins with.
const commands = blocks.flatMap((code) =>
  [...code.matchAll(/^(?:COSIGN_PASSWORD=… )?timeball (image (?:push|sign) .*)$/gm)].map(
    ([, words = '']) => words,
  ),
)

const folder = mkdtempSync(join(tmpdir(), 'tb-images-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'inventory.yml'), one)
await keepImage(join(folder, '.timeball/images'), 'localhost/mcp-utc-time-server:0.1.0')
const keys = join(import.meta.dirname, '../src/probes/signatures/test/cosign-3')
copyFileSync(join(keys, 'signing.key'), join(folder, 'cosign.key'))

test('docs/images.md: pushed, and signed', async () => {
  assert.equal(commands.length, 3, commands.join('\n'))
  await using registry = await startRegistry()
  await using sigstore = await startSigstore()
  // The registry of the page has TLS and a login.
  const image = `{ ref: "${registry.host}/me/mcp-utc-time-server:0.1.0", plain_http: true }`
  writeFileSync(join(folder, 'fleet.yaml'), `image: ${image}\n`)
  for (const command of commands) {
    const named = command.replace('ghcr.io', registry.host)
    const kept = '--image localhost/mcp-utc-time-server:0.1.0 --plain-http'
    const urls = `--fulcio-url ${sigstore.url} --rekor-url ${sigstore.url}`
    const there = command.endsWith('--keyless') ? `${named} ${urls}` : named
    const words = command.startsWith('image push') ? `${named} ${kept}` : there
    const token = tokenOf('https://issuer.example', 'https://github.com/me/time')
    const env = { HOME: folder, COSIGN_PASSWORD: 'geheim', SIGSTORE_ID_TOKEN: token }
    const { exit, stderr } = await runTimeball(words, { cwd: folder, env })
    assert.equal(exit, 0, `${command}: ${stderr}`)
  }
})
