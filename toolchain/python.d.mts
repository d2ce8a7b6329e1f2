export function hasPython(): boolean
export function pythonPrograms(packages: 'pymysql' | 'schemathesis', say?: (line: string) => void): string
