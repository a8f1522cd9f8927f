/** New devices: their host keys are shown, compared, pinned, and two of one kind are refused. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { temporaryFleet } from '@timeball/lab/embedded/test/temporary-fleet.ts'
import { controllerOf } from './controller.ts'

const embedded = await temporaryFleet()
const controller = await controllerOf(embedded)
const keys = await readFile(embedded.knownHostsFile, 'utf8')
await writeFile(embedded.knownHostsFile, '')

function placeOf(name: string): string {
  const { address, sshPort } = embedded.device(name)
  return `[${address}]:${sshPort}`
}

/** The key of a device as it is pinned for another one. */
function pin(name: string, place = name): string {
  const line = keys.split('\n').find((each) => each.startsWith(`${placeOf(name)},`))
  return `${placeOf(place)} ${line?.split(' ').slice(1, 3).join(' ') ?? ''}\n`
}

test('nothing is pinned that nobody has compared', async () => {
  const { exit, stdout, stderr } = await controller.run('enroll pi-gps-01')
  assert.equal(exit, 64)
  assert.match(stdout, /^pi-gps-01 .* SHA256:\S+ +new$/m)
  assert.match(stderr, /a host key that nobody has compared is not pinned/)
  assert.equal(await readFile(embedded.knownHostsFile, 'utf8'), '')
  const declined = await controller.run('enroll pi-gps-01', { answer: false })
  assert.equal(declined.exit, 7)
})

test('a fingerprint that was named is pinned, and no other', async () => {
  const wrong = await controller.run('enroll pi-gps-01 --fingerprint SHA256:of-another')
  assert.equal(wrong.exit, 64)
  const { stdout } = await controller.run('enroll pi-gps-01', { answer: false })
  const [fingerprint = ''] = /SHA256:\S+/.exec(stdout) ?? []
  const {
    exit,
    stderr,
    stdout: told,
  } = await controller.run(`enroll pi-gps-01 --fingerprint ${fingerprint}`)
  assert.equal(exit, 0, stderr)
  assert.match(told, /^pi-gps-01: ok$/m)
  assert.equal(await readFile(embedded.knownHostsFile, 'utf8'), pin('pi-gps-01'))
})

test('who has compared them pins many, and those that are pinned stay', async () => {
  const { exit, stdout } = await controller.run('enroll pi-gps-01 pi-gps-02', { answer: true })
  assert.equal(exit, 0)
  assert.match(stdout, /^pi-gps-01 .* pinned$/m)
  assert.match(stdout, /^pi-gps-\[01-02\] \(2\): ok$/m)
  assert.equal((await controller.run('ping pi-gps-02')).exit, 0)
})

test('swapped addresses are refused with both names', async () => {
  const swapped = pin('pi-ntp-01', 'pi-ntp-02') + pin('pi-ntp-02', 'pi-ntp-01')
  await writeFile(embedded.knownHostsFile, swapped)
  const { exit, stderr } = await controller.run('enroll pi-ntp-01 pi-ntp-02')
  assert.equal(exit, 3)
  assert.match(stderr, /pi-ntp-01 and pi-ntp-02 have swapped their addresses/)
})

test('a copy of the SD card of another device is refused by name', async () => {
  await writeFile(embedded.knownHostsFile, pin('pi-ntp-01', 'pi-ntp-02'))
  const { exit, stderr } = await controller.run('enroll pi-ntp-01', { answer: true })
  assert.equal(exit, 3)
  assert.match(stderr, /pi-ntp-01 presents the host key of pi-ntp-02/)
})

test('a device that was set up anew is pinned anew, when that is said', async () => {
  await writeFile(
    embedded.knownHostsFile,
    pin('pi-ntp-01', 'pi-ntp-02').replace(/.{8}\n$/, 'AAAAAAAA\n'),
  )
  const refused = await controller.run('enroll pi-ntp-02', { answer: true })
  assert.equal(refused.exit, 3)
  assert.match(refused.stderr, /another host key than the one that is pinned/)
  const { exit } = await controller.run('enroll pi-ntp-02 --replace', { answer: true })
  assert.equal(exit, 0)
  assert.equal(await readFile(embedded.knownHostsFile, 'utf8'), pin('pi-ntp-02'))
})
