/** Records what Alertmanager sends, one JSON line a notification: receiver.ts PORT. */
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'

createServer((request, response) => {
  void json(request).then((body) => {
    console.log(JSON.stringify({ path: request.url, body }))
    response.end('ok')
  })
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('"ready"'))
