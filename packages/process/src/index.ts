export { isTerminal, write } from './descriptor.ts'
export { exitNow } from './exit-now.ts'
export { type Answer, postJson } from './post-json.ts'
