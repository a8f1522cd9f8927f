import { applySuite } from './test/apply-suite.ts'
import { askSuite } from './test/ask-suite.ts'
import { observeSuite } from './test/observe-suite.ts'
import { packageSuite } from './test/package-suite.ts'
import { shadowSuite } from './test/shadow-suite.ts'
import { wayBackSuite } from './test/way-back-suite.ts'

askSuite('sh')
observeSuite('sh')
applySuite('sh')
packageSuite('sh')
shadowSuite('sh')
wayBackSuite('sh')
