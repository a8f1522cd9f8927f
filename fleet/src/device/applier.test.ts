import { applySuite } from './test/apply-suite.ts'
import { observeSuite } from './test/observe-suite.ts'

observeSuite('sh')
applySuite('sh')
