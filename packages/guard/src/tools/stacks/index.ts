import type { Tool } from '../tool.ts'

export const STACKS: readonly Tool[] = []
