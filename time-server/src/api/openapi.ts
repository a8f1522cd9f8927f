/** The OpenAPI 3.1 document of the API, from its list of endpoints. Pure. */
import { z } from 'zod'
import { version } from '../version.ts'
import type { Endpoint, Parameter } from './endpoints.ts'
import { errorSchema, named } from './schemas.ts'

const schemaPath = '#/components/schemas/'

/** The document as an object that can be written as JSON. */
export function openApiDocument(endpoints: readonly Endpoint[]): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Timeball time server',
      version,
      description:
        'The time of a server whose clock follows GPS or NTP, how far from UTC it can be, and the state of daemon and receiver.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: Object.fromEntries(endpoints.map((each) => [each.path, { get: operationOf(each) }])),
    components: {
      schemas: schemasByName(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  }
}

function operationOf({ operationId, summary, schema, parameter, query }: Endpoint): object {
  const parameters = [
    ...(parameter === undefined ? [] : [parameterOf(parameter, 'path')]),
    ...(query === undefined ? [] : [parameterOf(query, 'query')]),
  ]
  return {
    operationId,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      200: response(summary, schema),
      400: response('A parameter in the query that is not listed, or is given twice', errorSchema),
      401: response('No key, or one that does not count', errorSchema),
      ...(parameter === undefined ? {} : { 404: response(parameter.unknown, errorSchema) }),
      429: {
        ...response('Too many requests with this key, or without a right one', errorSchema),
        headers: {
          'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } },
        },
      },
    },
  }
}

function parameterOf({ name, description, example }: Parameter, where: 'path' | 'query'): object {
  const required = where === 'path'
  return { name, in: where, required, description, example, schema: { type: 'string' } }
}

function response(description: string, schema: z.ZodType): object {
  const reference = { $ref: schemaPath + (named.get(schema)?.id ?? '') }
  return { description, content: { 'application/json': { schema: reference } } }
}

function schemasByName(): object {
  const { schemas } = z.toJSONSchema(named, {
    uri: (id) => schemaPath + id,
    override({ jsonSchema }) {
      // Fields may be added; and that an integer is a safe one goes without saying.
      delete jsonSchema.additionalProperties
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })
  for (const schema of Object.values(schemas)) {
    delete schema.$id
    delete schema.$schema
  }
  return schemas
}
