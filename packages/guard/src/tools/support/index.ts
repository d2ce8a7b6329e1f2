export { type Flags, type FlagTable, parseFlags, span } from './flags.ts'
export { changesInside } from './inside.ts'
export { hostLabel, labelOf, namespaced } from './label.ts'
export { lineOf } from './line.ts'
