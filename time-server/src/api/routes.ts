/** The API's paths, for those whom the gate lets in. */
import type { IncomingMessage } from 'node:http'
import { failureAnswer, jsonType } from '../http/answer.ts'
import type { Connection } from '../http/connections.ts'
import { pathOf } from '../http/paths.ts'
import type { ReadRoute } from '../http/server.ts'
import type { Answers } from './answers.ts'
import { endpoints, type Endpoint } from './endpoints.ts'
import type { Gate } from './gate.ts'
import { openApiDocument } from './openapi.ts'
import { readQuery } from './query.ts'

const documentPath = '/api/openapi.json'

/** The endpoints, and the document about them. */
export function apiRoutes(answers: Answers, gate: Gate): Map<string, ReadRoute> {
  const body = JSON.stringify(openApiDocument(endpoints))
  const document: Pick<Endpoint, 'path' | 'query' | 'read'> = {
    path: documentPath,
    read: () => ({ status: 200, type: jsonType, body }),
  }
  return new Map(
    [...endpoints, document].map(({ path, query, read }): [string, ReadRoute] => {
      const start = path.indexOf('{')
      return [
        path,
        {
          read(request, connection) {
            const refusal = gate.refuse(request, connection, 1)
            if (refusal !== null) return refusal
            const asked = readQuery(request.url ?? '', query?.name ?? null)
            if (!asked.ok) return asked.failure
            return read(answers, start < 0 ? asked.value : parameterAfter(start, request))
          },
        },
      ]
    }),
  )
}

/** What is not there. Below `/api` that, too, is only for those with a key. */
export function noRoute(gate: Gate): ReadRoute {
  const notFound = failureAnswer(
    404,
    'not-found',
    `there is nothing at this path; ${documentPath} lists what there is`,
  )
  return {
    read(request: IncomingMessage, connection: Connection) {
      const isApi = /^\/api(?:\/|$)/.test(pathOf(request.url ?? ''))
      return (isApi ? gate.refuse(request, connection, 1) : null) ?? notFound
    },
  }
}

/** Its percent signs decoded; as it is where they do not encode text. */
function parameterAfter(start: number, request: IncomingMessage): string {
  const text = pathOf(request.url ?? '').slice(start)
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
