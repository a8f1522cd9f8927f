import { contractSuite } from './test/contract-suite.ts'

contractSuite('sh')
