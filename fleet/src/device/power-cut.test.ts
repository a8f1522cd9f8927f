/** A sample, for the inner loop; power-cut.real.test.ts has all points. */
import { atPoints, powerCutSuite } from './test/power-cut-suite.ts'

powerCutSuite('sh', { cut: atPoints, stride: 5 })
