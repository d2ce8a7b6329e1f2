export { isTerminal, write } from './descriptor.ts'
export { leave } from './leave.ts'
export { type Answer, post } from './post.ts'
