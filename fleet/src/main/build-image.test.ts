/** `timeball image build` with a program in Docker's place that does what the test says. */
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { runTimeball, type Ended } from '../../test/run-program.ts'
import { wholeDockerfile } from './image-context.ts'

const folder = await mkdtemp(join(tmpdir(), 'timeball-build-'))
after(() => rm(folder, { recursive: true, force: true }))
await writeFile(
  join(folder, 'inventory.yml'),
  'all:\n  hosts:\n    pi-1: { ansible_host: 192.0.2.1 }\n',
)
await mkdir(join(folder, 'bin'))

/** Saves an image for the architecture in `arch`, of what it was given to build. */
const docker = `#!/bin/sh
cd '${folder}'
echo "$*" >>calls
case $1 in
version) [ -e stopped ] && { echo 'Cannot connect to the Docker daemon' >&2; exit 1; }; echo 28.2.2 ;;
build) for word; do context=$word; done
  rm -rf context
  if [ "$context" = - ]; then mkdir context && tar -xf - -C context; else cp -r "$context" context; fi ;;
save) rm -rf saved root && mkdir -p saved root/opt/time-server root/usr/local/bin root/var/lib/dpkg
  cp context/dist/* root/opt/time-server && printf 'ELF…node.js/v26.10.0…' >root/usr/local/bin/node
  [ -e bare ] || cp status root/var/lib/dpkg/status
  tar --sort=name --mtime=@0 --owner=0 --group=0 -cf saved/layer -C root .
  printf '{"architecture":"%s","os":"linux","created":"2026-01-02T03:04:05Z","config":{"Labels":%s}}' \
    "$(cat arch)" '{"org.opencontainers.image.version":"0.1.0","io.timeball.device-contract":"1"}' \
    >saved/config
  echo '[{"Config":"config","Layers":["layer"]}]' >saved/manifest.json
  if [ "$2" = --output ]; then tar -cf "$3" -C saved .; else tar -cf - -C saved .; fi ;;
esac
`
await writeFile(join(folder, 'bin/docker'), docker)
await chmod(join(folder, 'bin/docker'), 0o755)
await writeFile(
  join(folder, 'status'),
  'Package: ntpsec\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1.2.3+dfsg1-8\n',
)
/** Runs here what is to be run there. */
const shim = `#!/bin/sh
for word; do command=$word; done
echo "ssh $*" >>'${folder}/calls'
[ ! -e '${folder}/cut' ] || { echo 'Connection closed by remote host' >&2; exit 255; }
exec sh -c "$command"
`
await writeFile(join(folder, 'bin/ssh'), shim)
await chmod(join(folder, 'bin/ssh'), 0o755)
await writeFile(join(folder, 'bin/sudo'), '#!/bin/sh\nshift; exec "$@"\n')
await chmod(join(folder, 'bin/sudo'), 0o755)

async function build(words: string, arch = 'arm64'): Promise<Ended> {
  await writeFile(join(folder, 'arch'), arch)
  await writeFile(join(folder, 'calls'), '')
  const path = [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter)
  return await runTimeball(`image ${words}`, { cwd: folder, env: { PATH: path } })
}

test('one command makes an image that a plan takes its digest from', async () => {
  const built = await build('build --base debian-with-node')
  assert.equal(built.exit, 0, built.stderr)
  const said =
    /^localhost\/mcp-utc-time-server:0\.1\.0 {2}(?<digest>sha256:[0-9a-f]{64})\nlinux\/arm64; \d+\.\d MB compressed; built in \d+ s\nKept in .*\.timeball\/images; devices fetch it over SSH\.\nNext: timeball apply\n$/
  assert.match(built.stdout, said)
  const calls = await readFile(join(folder, 'calls'), 'utf8')
  assert.match(
    calls,
    /--platform linux\/arm64 .*--build-arg BASE=debian-with-node .*VERSION=0\.1\.0 --label org\.opencontainers\.image\.base\.name=debian-with-node /,
  )
  const listed = await build('list --json')
  const [, image] = listed.stdout.split('\n').map((line) => (line === '' ? {} : JSON.parse(line)))
  assert.deepEqual(image.platforms, ['linux/arm64'])
  assert.equal(image.digest, said.exec(built.stdout)?.groups?.['digest'])
})

test('the same sources are the same image', async () => {
  const [one, two] = [await build('build --base b'), await build('build --base b')]
  assert.equal(one.stdout.split('\n')[0], two.stdout.split('\n')[0])
})

test('it says what it is made of, and from what, so that nothing is wanting in it', async () => {
  const built = await build('build --base debian-with-node@sha256:' + '0'.repeat(64))
  assert.match(built.stderr, /linux\/arm64: 1 package of Debian, \d+ of npm, Node 26\.10\.0$/m)
  const proved = await build('verify')
  assert.equal(proved.exit, 0, proved.stdout)
  assert.match(proved.stdout, /^sbom +✓ kept +for linux\/arm64$/m)
  assert.match(proved.stdout, /^provenance +✓ kept +for linux\/arm64$/m)
  assert.match(proved.stdout, /^5 of 5 are as they should be/m)
})

test('an image without packages of Debian has no SBOM, and that is told', async () => {
  await writeFile(join(folder, 'bare'), '')
  const built = await build('build --base b --tag bare:1.0.0')
  await rm(join(folder, 'bare'))
  assert.match(built.stderr, /linux\/arm64: no SBOM: it has no \/var\/lib\/dpkg\/status$/m)
  const proved = await build('verify localhost/bare:1.0.0')
  assert.equal(proved.exit, 5)
  assert.match(proved.stdout, /^sbom +✗ broken/m)
  assert.equal((await build('prune localhost/bare:1.0.0 --yes')).exit, 0)
})

test('an image for another architecture than was asked for is not kept under its name', async () => {
  const built = await build('build --base b --tag other:1.0.0', 'amd64')
  assert.equal(built.exit, 1)
  assert.match(built.stderr, /linux\/arm64: Docker made an image for linux\/amd64/)
  assert.doesNotMatch((await build('list')).stdout, /other/)
})

for (const [words, said] of [
  ['build --platform linux/arm/v7', /'linux\/arm\/v7': linux\/arm64 \(a Pi with a 64-bit system\)/],
  ['build --tag Time:1', /--tag: 'Time' is not an image name/],
  ['prune nobody', /has no localhost\/nobody/],
  ['build --on pi-2', /pi-2/],
] as const) {
  test(`image ${words} is refused before anything is done`, async () => {
    const refused = await build(words)
    assert.equal(refused.exit, 64)
    assert.match(refused.stderr, said)
    assert.equal(await readFile(join(folder, 'calls'), 'utf8'), '')
  })
}

test('a device builds the same image over ssh, from sources that it is sent', async () => {
  const [here, there] = [await build('build --base b'), await build('build --base b --on pi-1')]
  assert.equal(there.exit, 0, there.stderr)
  assert.equal(there.stdout.split('\n')[0], here.stdout.split('\n')[0])
  assert.match(there.stderr, /building linux\/arm64 on pi-1 with Docker 28\.2\.2/)
  const calls = await readFile(join(folder, 'calls'), 'utf8')
  assert.match(calls, /^build --quiet .*--tag timeball-build:\S+ .* -$/m)
  assert.match(calls, /^ssh .*BatchMode=yes.*192\.0\.2\.1 /m)
  assert.match(calls, /^rmi --no-prune timeball-build:/m)
})

test('a device that cannot be reached is named, and nothing is kept', async () => {
  await writeFile(join(folder, 'cut'), '')
  const built = await build('build --base b --on pi-1 --tag cut:1.0.0')
  await rm(join(folder, 'cut'))
  assert.equal(built.exit, 1)
  assert.match(built.stderr, /the image was not built: pi-1: Connection closed by remote host/)
  assert.doesNotMatch((await build('list')).stdout, /cut/)
})

test('without Docker it says what is needed, and how a Pi can do it', async () => {
  await writeFile(join(folder, 'stopped'), '')
  const built = await build('build --base b')
  await rm(join(folder, 'stopped'))
  assert.equal(built.exit, 1)
  assert.match(built.stderr, /Cannot connect to the Docker daemon\n.*needed.*--on DEVICE/)
})

test('what is pruned is gone, and that of fleet.yaml stays', async () => {
  assert.equal((await build('build --base b --tag next:0.2.0')).exit, 0)
  const pruned = await build('prune --yes')
  assert.match(pruned.stdout, /^1 image forgotten, /)
  const { stdout } = await build('list')
  assert.match(stdout, /mcp-utc-time-server:0\.1\.0/)
  assert.doesNotMatch(stdout, /next/)
})

test('both Dockerfiles are one: the server stands on the stage with Debian, ntpd and Node', async () => {
  const sources = join(import.meta.dirname, '../../../time-server')
  const read = (name: string): Promise<string> => readFile(join(sources, name), 'utf8')
  const whole = wholeDockerfile(await read('Dockerfile.base'), await read('Dockerfile'))
  const froms = whole.split('\n').filter((line) => line.startsWith('FROM '))
  // oxlint-disable-next-line no-template-curly-in-string
  assert.deepEqual(froms, ['FROM ${NODE_IMAGE} AS node', 'FROM ${BASE} AS base', 'FROM base'])
})
