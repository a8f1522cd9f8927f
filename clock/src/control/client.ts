/**
 * Asks an ntpd about itself in mode 6: reads only, by name, bounded in time and size. What it returns
 * is the daemon's word; whether the time is good is decided elsewhere.
 */
import { randomInt } from 'node:crypto'
import { exchange } from './exchange.ts'
import type { ControlAddress, ControlFailure, ControlReply } from './exchange.ts'
import { controlOpcodes } from './packet.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import {
  optionalSystemNames,
  peerNames,
  readPeerState,
  readSystemState,
  systemNames,
} from './state.ts'
import type { PeersRead, SystemState, PeerState } from './state.ts'
import { bestPeers } from './best-peers.ts'
import { decodeAssociations, decodePeerStatus } from './status.ts'
import { parseVariables } from './variables.ts'

/** Reads one daemon. Neither call ever rejects. */
export interface ControlClient {
  readSystem(): Promise<Result<SystemState, ControlFailure>>
  /** In the daemon's order; placeholders of pools are left out. Empty: no peers are configured. */
  readPeers(): Promise<Result<PeersRead, ControlFailure>>
}

/** `attempts`: how often a question is put before silence counts as silence; 2 when left out. */
export interface ControlClientOptions extends ControlAddress {
  readonly attempts?: number
}

interface Question {
  readonly opcode: number
  readonly association: number
  readonly names: readonly string[]
}

const unknownAssociation = 4
const unknownVariable = 5

/** A client of the daemon at `host:port`; an exchange takes at most `attempts` × `timeoutMs`. */
export function controlClient(options: ControlClientOptions): ControlClient {
  const attempts = options.attempts ?? 2

  async function ask(question: Question): Promise<Result<ControlReply, ControlFailure>> {
    let reply = await askOnce(options, question)
    for (let again = 1; again < attempts && shouldRetry(reply); again += 1) {
      reply = await askOnce(options, question)
    }
    return reply
  }

  async function readPeer(
    association: number,
    status: number,
  ): Promise<Result<PeerState | null, ControlFailure>> {
    const opcode = controlOpcodes.readVariables
    const reply = await ask({ opcode, association, names: peerNames })
    if (reply.ok) return ok(readPeerState(association, status, parseVariables(reply.value.data)))
    // The peer went away between the list and the question.
    return reply.failure.errorCode === unknownAssociation ? ok(null) : reply
  }

  return {
    async readSystem() {
      const question = { opcode: controlOpcodes.readVariables, association: 0 }
      let reply = await ask({ ...question, names: [...systemNames, ...optionalSystemNames] })
      if (!reply.ok && reply.failure.errorCode === unknownVariable) {
        reply = await ask({ ...question, names: systemNames })
      }
      if (!reply.ok) return reply
      const variables = parseVariables(reply.value.data)
      if (variables.size === 0) return malformed('no variables in the answer')
      return ok(readSystemState(reply.value.status, variables))
    },
    async readPeers() {
      const list = await ask({ opcode: controlOpcodes.readStatus, association: 0, names: [] })
      if (!list.ok) return list
      const peers: PeerState[] = []
      // The status words tell the selection, so that the best are known before they are asked.
      const { best, left } = bestPeers(
        decodeAssociations(list.value.data),
        ({ status }) => decodePeerStatus(status).selection,
      )
      for (const { association, status } of best) {
        const peer = await readPeer(association, status)
        if (!peer.ok) return peer
        if (peer.value !== null) peers.push(peer.value)
      }
      return ok({ peers, unreadPeers: left })
    },
  }
}

function askOnce(
  address: ControlAddress,
  question: Question,
): Promise<Result<ControlReply, ControlFailure>> {
  return exchange(address, {
    opcode: question.opcode,
    association: question.association,
    sequence: randomInt(1, 0x10000),
    data: question.names.join(','),
  })
}

function shouldRetry(reply: Result<ControlReply, ControlFailure>): boolean {
  return !reply.ok && (reply.failure.code === 'timeout' || reply.failure.code === 'malformed')
}

function malformed(detail: string): { readonly ok: false; readonly failure: ControlFailure } {
  return fail({ code: 'malformed', detail, errorCode: null })
}
