/** Serves the files of one folder over HTTP: `node static-server.ts ADDRESS PORT FOLDER`. */
import { createReadStream, statSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { basename, join } from 'node:path'

const [address = '', port = '', folder = ''] = process.argv.slice(2)

/** The repository is flat, so the last part of the path is the whole name. */
function answer(path: string, isHead: boolean, response: ServerResponse): void {
  const name = decodeURIComponent(basename(path))
  const file = join(folder, name)
  const stat = name === '' || name === '..' ? undefined : statSync(file, { throwIfNoEntry: false })
  if (stat?.isFile() !== true) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, {
    'content-length': stat.size,
    'last-modified': stat.mtime.toUTCString(),
  })
  if (isHead) response.end()
  else createReadStream(file).pipe(response)
}

createServer((request, response) => {
  answer(request.url ?? '/', request.method === 'HEAD', response)
}).listen(Number(port), address)
