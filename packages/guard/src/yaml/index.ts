export { readYaml } from './read-yaml.ts'
export { at, isMap, listAt, textAt, type Yaml } from './value.ts'
