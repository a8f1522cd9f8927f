/** What every folder of the monitoring promises. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Folder } from './monitoring-host.ts'

/** `start` makes a new one, which does not exist yet. */
export function monitoringFolderContract(name: string, start: () => Promise<Folder>): void {
  describe(`the monitoring folder ${name}`, () => {
    test('a file that is not there is no failure, and one that was written is read', async () => {
      const folder = await start()
      assert.deepEqual(await folder.read('a/b.yml'), { ok: true, value: null })
      assert.ok((await folder.write('a/b.yml', 'one')).ok)
      assert.ok((await folder.write('a/b.yml', 'two')).ok)
      assert.deepEqual(await folder.read('a/b.yml'), { ok: true, value: 'two' })
    })

    test('a file that was removed is gone, and removing it again says why not', async () => {
      const folder = await start()
      await folder.write('a.yml', 'one')
      assert.ok((await folder.remove('a.yml')).ok)
      assert.deepEqual(await folder.read('a.yml'), { ok: true, value: null })
      const again = await folder.remove('a.yml')
      assert.ok(!again.ok)
      assert.match(again.failure, /a\.yml/)
    })

    test('a secret is made once, and can serve', async () => {
      const folder = await start()
      assert.match((await folder.troubleWithSecret('key')) ?? '', /key/)
      assert.deepEqual(await folder.createSecret('key'), { ok: true, value: 'created' })
      const first = await folder.read('key')
      assert.deepEqual(await folder.createSecret('key'), { ok: true, value: 'kept' })
      assert.deepEqual(await folder.read('key'), first)
      assert.equal(await folder.troubleWithSecret('key'), null)
    })

    test('what others can read is no secret', async () => {
      const folder = await start()
      await folder.write('key', 'open-to-all')
      assert.match((await folder.troubleWithSecret('key')) ?? '', /read by others/)
    })
  })
}
