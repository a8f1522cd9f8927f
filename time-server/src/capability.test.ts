import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { decideDiscipline, readDiscipline } from './capability.ts'
import { decideNtpdUser } from './ntpd-user.ts'
import { readSettings } from './settings.ts'

const status = (capEff: string, name = 'ntpd', state = 'S (sleeping)') =>
  `Name:\t${name}\nState:\t${state}\nCapPrm:\t000001ffffffffff\nCapEff:\t${capEff}\n`

for (const [name, text, disciplined] of [
  ['all capabilities', status('000001ffffffffff'), true],
  ["Debian's ntpd after it gave up root", status('0000000002800400'), true],
  ['everything but CAP_SYS_TIME', status('000001fffdffffff'), false],
  ["Docker's default set", status('00000000a80425fb'), false],
  ['another program with the pid', status('000001ffffffffff', 'bash'), null],
  ['a zombie', status('0000000000000000', 'ntpd', 'Z (zombie)'), null],
  ['no capability line', 'Name:\tntpd\n', null],
  ['nothing', '', null],
] as const) {
  test(`${name}: disciplined is ${disciplined}`, () => {
    assert.equal(decideDiscipline(text).disciplined, disciplined)
  })
}

test('the capabilities are read by way of the pid file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-proc-'))
  t.after(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, '77'))
  await writeFile(join(folder, '77', 'status'), status('0000000002800400'))
  const ntpdPidFile = join(folder, 'ntpd.pid')
  await writeFile(ntpdPidFile, '77\n')
  const source = { steersClock: true, ntpdPidFile, procPath: folder }
  assert.equal((await readDiscipline(source)).disciplined, true)
  await writeFile(ntpdPidFile, '../77')
  assert.equal((await readDiscipline(source)).disciplined, null)
  await rm(ntpdPidFile)
  assert.equal((await readDiscipline(source)).disciplined, null)
  const declared = await readDiscipline({ ...source, steersClock: false })
  assert.deepEqual([declared.disciplined, declared.reason.startsWith('declared')], [false, true])
})

for (const [name, environment, capEff, user] of [
  ['with the capabilities that it keeps', {}, '00000000028004c0', 'ntpsec:ntpsec'],
  ["in Docker's default set", {}, '00000000a80425fb', 'root'],
  ['where gpsd holds units that are root’s', { ENABLE_GPS: 'yes' }, '000001ffffffffff', 'root'],
] as const) {
  test(`ntpd is ${user} ${name}`, () => {
    const settings = readSettings(environment)
    assert.ok(settings.ok)
    assert.equal(decideNtpdUser(settings.value, status(capEff, 'node')), user)
  })
}
