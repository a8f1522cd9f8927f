import { atPoints, powerCutSuite } from './test/power-cut-suite.ts'

powerCutSuite('sh', { cut: atPoints, stride: 1 })
