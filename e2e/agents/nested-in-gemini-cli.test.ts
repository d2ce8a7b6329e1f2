import { testNestedIn } from './nested.ts'

testNestedIn('gemini-cli')
