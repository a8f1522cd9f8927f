/** Names for the OpenAPI document. */
import type { z } from '@hono/zod-openapi'

/** Also for a schema that was made before `@hono/zod-openapi` was loaded, which no name can be given. */
export function named<T extends z.ZodType>(schema: T, name: string): T {
  return schema.clone().openapi(name)
}
