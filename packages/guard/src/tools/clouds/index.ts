import type { Tool } from '../tool.ts'
import { aws } from './aws.ts'
import { az } from './az.ts'
import { gcloud } from './gcloud.ts'

export const CLOUDS: readonly Tool[] = [aws, gcloud, az]
