// A time server that keeps the device contract and has no time, or breaks it as $FLAW says. CommonJS: it has no package.json in its image.
const { createSocket } = require('node:dgram')
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const { createServer } = require('node:http')

const flaw = process.env['FLAW'] ?? ''
if (flaw === 'ends') throw new Error('this image ends at once')
if (flaw === 'writes') writeFileSync('/etc/written', 'x')
// To go into a folder of another user's needs CAP_FOWNER, which a device does not give.
if (flaw === 'rights') {
  const { chmodSync, chownSync } = require('node:fs')
  mkdirSync('/tmp/foreign')
  chownSync('/tmp/foreign', 1234, 1234)
  chmodSync('/tmp/foreign', 0o777)
}

const isLying = flaw === 'lies'
const ntp = { synced: isLying, leap: isLying ? 0 : 3, stratum: isLying ? 1 : 16 }
const health = { status: isLying ? 'healthy' : 'unhealthy', reasons: [], version: '1.0.0', ntp }
const keyNow = () =>
  /^API_KEY_1=(.+)$/m.exec(readFileSync(process.env['API_KEYS_FILE'] ?? '', 'utf8'))?.[1]
const firstKey = keyNow()

createServer((request, response) => {
  if (request.url === '/health') {
    response.writeHead(isLying ? 200 : 503, { 'content-type': 'application/json' })
    return response.end(JSON.stringify(health))
  }
  const key = flaw === 'stale' ? firstKey : keyNow()
  const isOpen = flaw === 'open' || request.headers['x-api-key'] === key
  response.writeHead(isOpen ? 200 : 401).end('{}')
}).listen(3000)
createServer((_, response) => {
  const inStep = isLying ? 'ntp_offset_ms 0\nntp_stratum 1\n' : ''
  response.end(`ntp_synced 0\n${inStep}${flaw === 'metrics' ? '' : 'disk_usage_percent 1\n'}`)
}).listen(9090)

const socket = createSocket('udp4')
socket.on('message', (asked, { address, port }) => {
  const answer = Buffer.alloc(48)
  answer[0] = 0xe4
  asked.copy(answer, 24, 40, 48)
  socket.send(answer, port, address)
})
if (flaw !== 'silent') socket.bind(123)

process.on('SIGTERM', () => flaw === 'deaf' || process.exit(0))
