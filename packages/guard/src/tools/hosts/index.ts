import type { Tool } from '../tool.ts'

export const HOSTS: readonly Tool[] = []
