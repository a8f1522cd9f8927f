/**
 * The SSH server of an embedded device: one user, one key, `exec` requests only. It behaves as
 * sshd does for a command without a terminal. It knows nothing of what the commands do.
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { timingSafeEqual } from 'node:crypto'
import ssh2, { type AuthContext, type Connection, type ParsedKey } from 'ssh2'
import type { DeviceFaults } from './faults.ts'
import { runCommand, type CommandHost } from './ssh-command.ts'

/** OpenSSH's client prefers the first of these which both sides know. */
const cipher = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr'] as const

export interface SshServerOptions {
  readonly address: string
  readonly port: number
  /** OpenSSH private key: the host's identity. */
  readonly hostKey: string
  readonly user: string
  /** The only key that may log in: algorithm and base64. */
  readonly authorizedKey: string
  readonly faults: DeviceFaults
  readonly host: CommandHost
}

export interface SshServer {
  /** Cuts every connection and stops listening. Running commands live on: see `CommandHost`. */
  close(): Promise<void>
}

/** Listens at once; rejects with the system's error (`EADDRINUSE`) when it cannot. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const key = parseKey(options.authorizedKey)
  const sockets: Socket[] = []
  const protocol = new ssh2.Server(
    {
      hostKeys: [options.hostKey],
      ident: 'timeball_embedded',
      algorithms: { cipher: [...cipher] },
    },
    (client, info) => {
      const socket = sockets.find((each) => each.remotePort === info.port)
      serveClient(client, { key, options, cut: () => socket?.destroy() })
    },
  )
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.once('close', () => sockets.splice(sockets.indexOf(socket), 1))
    socket.on('error', () => socket.destroy())
    admit(socket, protocol, options.faults)
  })
  await listen(listener, options)
  return {
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      // Closing takes a socket off the list only later, so the list stands still here.
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function listen(server: NetServer, at: { address: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.address, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function admit(socket: Socket, protocol: ssh2.Server, faults: DeviceFaults): void {
  if (faults.resetConnections) {
    socket.resetAndDestroy()
    return
  }
  if (faults.hangAfterBanner) {
    socket.write('SSH-2.0-timeball_embedded\r\n')
    socket.resume()
    return
  }
  protocol.injectSocket(socket)
}

interface Serving {
  readonly key: ParsedKey
  readonly options: SshServerOptions
  readonly cut: () => void
}

function serveClient(client: Connection, { key, options, cut }: Serving): void {
  client.on('authentication', (context) => authenticate(context, key, options.user))
  // A client that goes away in the middle is an everyday event; ssh2 closes the channels itself.
  client.on('error', () => {})
  client.on('ready', () => {
    client.on('session', (accept) => {
      // Requests without a listener (shell, pty, subsystem, forwarding) are refused by ssh2.
      accept().on('exec', (acceptExec, _reject, { command }) => {
        runCommand(acceptExec(), command, {
          faults: options.faults,
          host: options.host,
          cut,
        })
      })
    })
  })
}

function authenticate(context: AuthContext, key: ParsedKey, user: string): void {
  if (context.method !== 'publickey' || context.username !== user) {
    context.reject(['publickey'])
    return
  }
  if (!sameBytes(context.key.data, key.getPublicSSH())) {
    context.reject(['publickey'])
    return
  }
  // Without a signature the client only asks whether the key would do.
  if (context.signature === undefined || context.blob === undefined) {
    context.accept()
    return
  }
  // `verify` gives an error, not `false`, for a signature that cannot be read.
  const verified: unknown = key.verify(context.blob, context.signature, context.hashAlgo)
  if (verified === true) context.accept()
  else context.reject(['publickey'])
}

function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function parseKey(text: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text)
  if (parsed instanceof Error) throw parsed
  return Array.isArray(parsed) ? parsed[0] : parsed
}
