/** Jinja's expressions as data, in the form that its parser gives them. */
import type { Value } from '../value.ts'

export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'tuple' | 'concat'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'not' | 'negative' | 'positive'; readonly of: Expression }
  | {
      readonly kind: 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'math'
      readonly operator: MathOperator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'compare'
      readonly first: Expression
      readonly rest: readonly { readonly operator: Comparison; readonly operand: Expression }[]
    }
  | {
      readonly kind: 'condition'
      readonly test: Expression
      readonly whenTrue: Expression
      /** `null`: without `else`. */
      readonly whenFalse: Expression | null
    }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression }
  | {
      readonly kind: 'slice'
      readonly of: Expression
      /** Start, end and step. */
      readonly bounds: readonly (Expression | null)[]
    }
  | { readonly kind: 'call'; readonly of: Expression; readonly given: Given }
  | {
      readonly kind: 'filter' | 'test'
      readonly of: Expression
      readonly name: string
      readonly given: Given
    }

export type MathOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'

/** What stands in the parentheses of a call. */
export interface Given {
  readonly positional: readonly Expression[]
  readonly named: readonly (readonly [string, Expression])[]
}
