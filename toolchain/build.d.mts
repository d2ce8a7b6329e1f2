export type Module =
  | 'dolt'
  | 'pulumi'
  | 'pulumi-language-nodejs'
  | 'pulumi-resource-kubernetes'
  | 'kubernetes'
  | 'coredns'
  | 'act'
export function hasGo(): boolean
export function toolFolder(module: Module, say?: (line: string) => void): string
export function doltBinary(say?: (line: string) => void): string
