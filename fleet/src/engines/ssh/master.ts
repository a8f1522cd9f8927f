/** The socket of the ssh(1) that holds a shared connection, spoken to as PROTOCOL.mux has it. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { frameReader, greeting, isHello, isProxyGranted, readMessage } from './packets.ts'
import type { ChannelMessage } from './packets.ts'

export interface MasterListener {
  /** The master passes on what is sent from now on. */
  readonly onReady: () => void
  readonly onMessage: (message: ChannelMessage) => void
  /** There is none, it is too old, it said something that is not the protocol, or it went away. */
  readonly onLost: () => void
}

/** Says who we are, and hands over the device's messages. `onLost` may come more than once. */
export function dialMaster(path: string, { onReady, onMessage, onLost }: MasterListener): Socket {
  const socket = connect(path)
  const frames = frameReader()
  let step: 'hello' | 'proxy' | 'ready' = 'hello'

  function take(frame: Buffer): void {
    if (step === 'ready') {
      const message = readMessage(frame)
      return message === null ? onLost() : onMessage(message)
    }
    if (step === 'hello' ? !isHello(frame) : !isProxyGranted(frame)) return onLost()
    step = step === 'hello' ? 'proxy' : 'ready'
    if (step === 'ready') onReady()
  }

  socket.on('connect', () => socket.write(greeting))
  socket.on('data', (chunk: Buffer) => {
    const found = frames(chunk)
    if (found === null) return onLost()
    for (const frame of found) take(frame)
  })
  socket.on('error', onLost)
  socket.on('close', onLost)
  return socket
}
