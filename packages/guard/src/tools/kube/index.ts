import type { Tool } from '../tool.ts'

export const KUBE: readonly Tool[] = []
